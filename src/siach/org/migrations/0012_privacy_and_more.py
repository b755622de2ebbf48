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
            ],
        ),
        migrations.CreateModel(
            name="Deletion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("day", models.DateField()),
                ("n", models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issuer", models.CharField(max_length=300)),
                ("subject", models.CharField(max_length=255)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="MandateProof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_at", models.DateTimeField()),
                ("content", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
            ],
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
            ],
        ),
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
            ],
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
            ],
        ),
        migrations.CreateModel(
            name="Removal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("not_before", models.DateTimeField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name="notice",
            name="notice_unplanned",
        ),
        migrations.RemoveIndex(
            model_name="notice",
            name="notice_unheeded",
        ),
        migrations.AddField(
            model_name="notice",
            name="over_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="noticepreferences",
            name="topics_off",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="org",
            name="important_minutes",
            field=models.SmallIntegerField(
                default=30, help_text="How long a notice of this level calls before it goes on to others."
            ),
        ),
        migrations.AddField(
            model_name="org",
            name="urgent_minutes",
            field=models.SmallIntegerField(
                default=10, help_text="How long a notice of this level calls before it goes on to others."
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("over_at", None), ("planned_at", None)), fields=["id"], name="notice_unplanned"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(
                    ("acknowledged_at", None), ("escalated_at", None), ("level__gte", 3), ("over_at", None)
                ),
                fields=["due_at"],
                name="notice_unheeded",
            ),
        ),
        migrations.AddField(
            model_name="archive",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="archive",
            name="org",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org"),
        ),
        migrations.AddField(
            model_name="deletion",
            name="org",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org"),
        ),
        migrations.AddField(
            model_name="identity",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="mandateproof",
            name="mandate",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="proof", to="org.mandate"
            ),
        ),
        migrations.AddField(
            model_name="personrequest",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="personrequest",
            name="org",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org"),
        ),
        migrations.AddField(
            model_name="privacy",
            name="org",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="privacy", to="org.org"
            ),
        ),
        migrations.AddField(
            model_name="readlog",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="readlog",
            name="org",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org"),
        ),
        migrations.AddField(
            model_name="removal",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="removal",
            name="org",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="removal", to="org.org"
            ),
        ),
        migrations.AddIndex(
            model_name="archive",
            index=models.Index(fields=["org", "-at", "-id"], name="archive_newest"),
        ),
        migrations.AddConstraint(
            model_name="deletion",
            constraint=models.UniqueConstraint(fields=("org", "kind", "day"), name="deletion_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.UniqueConstraint(fields=("issuer", "subject"), name="identity_once"),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.UniqueConstraint(fields=("user", "issuer"), name="one_identity_at_each"),
        ),
        migrations.AddIndex(
            model_name="personrequest",
            index=models.Index(fields=["org", "-at", "-id"], name="request_newest"),
        ),
        migrations.AddIndex(
            model_name="personrequest",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "running"])), fields=["due_on"], name="request_open"
            ),
        ),
        migrations.AddIndex(
            model_name="readlog",
            index=models.Index(fields=["org", "-at", "-id"], name="read_newest"),
        ),
        migrations.AddConstraint(
            model_name="readlog",
            constraint=models.UniqueConstraint(fields=("by", "what", "subject", "hour"), name="read_once_an_hour"),
        ),
    ]
