import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

#: What the sources heard in the weeks that a rhythm is learnt from.
HOURS = """
INSERT INTO talk_sourcehour (source_id, hour, n)
SELECT p.source_id, date_trunc('hour', p.said_at, 'UTC'), count(*)
FROM talk_post p JOIN talk_source s ON s.id = p.source_id
WHERE s.kind NOT IN ('capture', 'import', 'thread') AND p.said_at > now() - interval '8 weeks' AND p.said_at <= now()
GROUP BY 1, 2
"""
DEAF = """
UPDATE talk_source SET deaf_since = coalesce(asked_at, connected_at)
WHERE state = 'broken' OR state = 'live' AND failures >= 3
"""


class Migration(migrations.Migration):
    dependencies = [
        ("talk", "0012_post_is_private"),
    ]

    operations = [
        migrations.CreateModel(
            name="SourceRhythm",
            fields=[
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="rhythm",
                        serialize=False,
                        to="talk.source",
                    ),
                ),
                (
                    "rates",
                    django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), default=list, size=None),
                ),
                ("patience", models.FloatField(default=0)),
                ("learnt_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="source",
            name="deaf_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="listens_since",
            field=models.DateTimeField(help_text="When it began to listen again, after a pause or deaf.", null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="paused_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="quiet_at",
            field=models.DateTimeField(help_text="Until when its silence is usual; looked at again then.", null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="quiet_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="well_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name="SourceHour",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hour", models.DateTimeField()),
                ("n", models.IntegerField()),
                (
                    "source",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="hours",
                        to="talk.source",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("source", "hour"), name="source_hour_once")],
            },
        ),
        migrations.RunSQL(HOURS, migrations.RunSQL.noop, elidable=True),
        migrations.RunSQL(DEAF, migrations.RunSQL.noop, elidable=True),
    ]
