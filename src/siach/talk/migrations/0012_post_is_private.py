from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("talk", "0011_hooks")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="is_private",
            field=models.BooleanField(db_default=False, default=False, help_text="Said to some, not to everybody."),
        ),
        # What was heard in private until now. Found by its network, so that nothing is read where there is none.
        migrations.RunSQL(
            """
            UPDATE talk_post p SET is_private = true
            FROM (SELECT DISTINCT org_id, network FROM talk_account WHERE network = 'mastodon') a
            WHERE p.org_id = a.org_id AND p.network = a.network
                AND p.state <> 'erased' AND p.target ->> 'visibility' NOT IN ('public', 'unlisted')
            """,
            migrations.RunSQL.noop,
            elidable=True,
        ),
    ]
