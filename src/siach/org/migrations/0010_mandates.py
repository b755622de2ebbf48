import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0009_ways"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mandate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("helps", "the agency helps at the peak"),
                            ("leads", "the agency leads, the client approves and reads"),
                        ],
                        default="helps",
                        max_length=5,
                    ),
                ),
                (
                    "rights",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None),
                ),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "reply_approval",
                    models.CharField(
                        choices=[("all", "all"), ("sample", "a sample"), ("none", "none")], default="all", max_length=6
                    ),
                ),
                (
                    "data_scope",
                    models.CharField(
                        choices=[
                            ("cases", "only the conversations of its cases, without earlier contacts"),
                            ("brand", "everything heard about the brand"),
                        ],
                        default="cases",
                        max_length=5,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "agreement",
                    models.CharField(help_text="Name or number of the processor agreement on file.", max_length=200),
                ),
                ("agreed_on", models.DateField()),
                ("granted_at", models.DateTimeField()),
                ("code_digest", models.CharField(max_length=64, unique=True)),
                ("code_until", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mandates", to="org.brand"
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "org",
                    models.ForeignKey(
                        help_text="The client.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="granted",
                        to="org.org",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="mandates", to="org.team"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("brand", "team"), name="mandate_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gt", models.F("since")), _connector="OR"),
                        name="mandate_ends_later",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        default=list,
                        help_text="Every way people say it.",
                        size=None,
                    ),
                ),
                ("is_value", models.BooleanField(default=False, help_text="One of the brand's values.")),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="topics", to="org.brand"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("brand", "name"), name="topic_once")],
            },
        ),
    ]
