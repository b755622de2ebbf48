from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0003_topics"),
        ("org", "0012_privacy_and_more"),
        ("talk", "0007_privacy_and_more"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="case",
            name="case_queue",
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                models.F("brand"),
                models.ExpressionWrapper(models.Q(("priority__gt", 1)), output_field=models.BooleanField()),
                models.F("due_at"),
                models.F("id"),
                condition=models.Q(("state__in", ("new", "open"))),
                name="case_queue",
            ),
        ),
    ]
