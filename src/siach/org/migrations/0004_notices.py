import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0003_mail"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("room", models.CharField(max_length=20)),
                ("kind", models.CharField(max_length=60)),
                (
                    "level",
                    models.SmallIntegerField(
                        choices=[(1, "quiet"), (2, "normal"), (3, "interrupts"), (4, "wakes")], default=2
                    ),
                ),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.BigIntegerField()),
                ("url_name", models.CharField(max_length=60)),
                ("url_args", models.JSONField(default=dict)),
                ("facts", models.JSONField(default=dict)),
                ("once", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                (
                    "brand",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.brand"
                    ),
                ),
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "-at", "-id"], name="notice_user_at"),
                    models.Index(condition=models.Q(("seen_at", None)), fields=["user"], name="notice_unseen"),
                ],
                "constraints": [models.UniqueConstraint(fields=("user", "kind", "once"), name="told_once")],
            },
        ),
    ]
