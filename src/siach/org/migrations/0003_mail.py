import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0002_roles"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("to", models.EmailField(max_length=254)),
                ("subject", models.CharField(max_length=200)),
                ("language", models.CharField(max_length=5)),
                ("sealed", models.BinaryField(help_text="Empty once it was sent or given up.")),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "on its way"), ("sent", "sent"), ("failed", "not sent")],
                        default="queued",
                        max_length=6,
                    ),
                ),
                ("error", models.CharField(blank=True, help_text="What the mail server said last.", max_length=300)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(help_text="Not tried before.")),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "org",
                    models.ForeignKey(
                        help_text="Who sees its state.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="org.org",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("state", "queued")), fields=["due_at"], name="mail_due"),
                    models.Index(fields=["org", "-made_at"], name="mail_of_org"),
                ],
            },
        ),
    ]
