import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0004_safety_first"),
        ("talk", "0007_privacy_and_more"),
    ]

    operations = [
        migrations.AlterField(
            model_name="case",
            name="author",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="cases", to="talk.author"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", False)),
                fields=["brand", "-answered_at"],
                name="case_answered",
            ),
        ),
    ]
