import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0007_visit"),
        ("talk", "0003_evidence"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("address", models.CharField(help_text="The query string of its filters.", max_length=1000)),
                ("is_shared", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org")),
            ],
            options={
                "indexes": [models.Index(fields=["org", "is_shared"], name="view_shared")],
                "constraints": [models.UniqueConstraint(fields=("org", "by", "name"), name="view_name_once")],
            },
        ),
    ]
