"""The networks' own payloads, partitioned by week of arrival; partitions are made by siach.talk.partitions."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("talk", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(
            """
            CREATE TABLE talk_rawpost (
                post_id bigint NOT NULL,
                taken_at timestamptz NOT NULL,
                payload jsonb NOT NULL
            ) PARTITION BY RANGE (taken_at);
            CREATE INDEX rawpost_post ON talk_rawpost (post_id);
            """,
            "DROP TABLE talk_rawpost",
        ),
    ]
