import django.db.models.deletion
from django.db import migrations, models

#: Every post that stands and that a network told us, by the account that heard it, else by another of its network.
ENROL = """
INSERT INTO talk_look (post_id, account_id, due_at)
SELECT p.id, a.id, now() FROM talk_post p
LEFT JOIN talk_source s ON s.id = p.source_id
JOIN talk_account a ON a.id = coalesce(s.account_id, (
    SELECT min(o.id) FROM talk_account o WHERE o.org_id = p.org_id AND o.network = p.network))
WHERE p.state IN ('heard', 'read') AND p.target <> '{}'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("talk", "0008_views_of_screens"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="look_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="post",
            name="gone_at",
            field=models.DateTimeField(help_text="When it was noticed that the network has it no more.", null=True),
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "post",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="talk.post",
                    ),
                ),
                ("due_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="talk.account",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["account", "due_at"], name="look_due")],
            },
        ),
        migrations.RunSQL(ENROL, migrations.RunSQL.noop),
    ]
