from typing import Any

import django.contrib.postgres.fields
from django.db import migrations, models


def serve_known(apps: Any, schema_editor: Any) -> None:
    """Every conversation that ever held a case is served from now on, also those from before."""
    served = apps.get_model("talk", "ServedThread")
    known = apps.get_model("care", "Case").objects.values_list("thread", "brand").order_by("thread", "brand")
    rows = (served(thread_id=thread, brand_id=brand, topics=[]) for thread, brand in known.distinct().iterator())
    served.objects.bulk_create(rows, batch_size=5_000)


class Migration(migrations.Migration):
    dependencies = [
        ("care", "0002_drafts"),
        ("talk", "0006_topics"),
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
        migrations.RunPython(serve_known, migrations.RunPython.noop),
    ]
