import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0011_second_factor"),
    ]

    operations = [
        migrations.CreateModel(
            name="Privacy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("keep", models.JSONField(default=dict)),
                ("record", models.JSONField(default=dict)),
                ("contact", models.JSONField(default=dict, help_text="name, mail and phone of the privacy contact.")),
                (
                    "access",
                    models.JSONField(default=dict, help_text="name, mail and phone of the accessibility coordinator."),
                ),
                (
                    "org",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="privacy", to="org.org"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Removal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("not_before", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "org",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="removal", to="org.org"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Archive",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("building", "being made"), ("ready", "ready"), ("gone", "deleted after seven days")],
                        default="building",
                        max_length=8,
                    ),
                ),
                ("path", models.CharField(blank=True, max_length=80)),
                ("size", models.BigIntegerField(default=0)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("done", models.IntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("at", models.DateTimeField()),
                ("keep_until", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org")),
            ],
            options={
                "indexes": [models.Index(fields=["org", "-at", "-id"], name="archive_newest")],
            },
        ),
        migrations.CreateModel(
            name="Deletion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("day", models.DateField()),
                ("n", models.IntegerField(default=0)),
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("org", "kind", "day"), name="deletion_once_a_day")],
            },
        ),
        migrations.CreateModel(
            name="PersonRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("access", "access"), ("correction", "correction"), ("erasure", "erasure")],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("running", "being carried out"),
                            ("done", "done"),
                            ("refused", "refused"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("people", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("asked", models.TextField(blank=True, help_text="Who asked, how, and what shows that it is them.")),
                ("due_on", models.DateField()),
                ("at", models.DateTimeField()),
                ("step", models.SmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.JSONField(default=dict, help_text="Counts by what was found or erased; a refusal's reason."),
                ),
                ("report", models.JSONField(null=True)),
                ("keep_until", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["org", "-at", "-id"], name="request_newest"),
                    models.Index(
                        condition=models.Q(("state__in", ["open", "running"])), fields=["due_on"], name="request_open"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReadLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("person", "author's page"),
                            ("case", "case with its customer's card"),
                            ("report", "access report"),
                        ],
                        max_length=8,
                    ),
                ),
                ("person", models.BigIntegerField(help_text="The author's id.")),
                ("subject", models.BigIntegerField(help_text="The id of what was opened.")),
                ("hour", models.DateTimeField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org")),
            ],
            options={
                "indexes": [models.Index(fields=["org", "-at", "-id"], name="read_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("by", "what", "subject", "hour"), name="read_once_an_hour")
                ],
            },
        ),
    ]
