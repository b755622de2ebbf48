from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def serve_known(apps: Any, schema_editor: Any) -> None:
    """Every conversation that ever held a case is served from now on, also those from before."""
    served = apps.get_model("talk", "ServedThread")
    known = apps.get_model("care", "Case").objects.values_list("thread", "brand").order_by("thread", "brand")
    rows = (served(thread_id=thread, brand_id=brand, topics=[]) for thread, brand in known.distinct().iterator())
    served.objects.bulk_create(rows, batch_size=5_000)


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0001_initial"),
        ("talk", "0003_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="topics",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                default=list,
                help_text="What its customer spoke of, of the brand's.",
                size=None,
            ),
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("reply", "Reply"), ("note", "Note")], max_length=5)),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="care.case"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("case", "by", "kind"), name="draft_once")],
            },
        ),
        migrations.RemoveIndex(model_name="case", name="case_queue"),
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
        migrations.RunPython(serve_known, migrations.RunPython.noop),
    ]
