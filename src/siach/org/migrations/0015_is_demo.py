from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("org", "0014_private_messages_read")]

    operations = [
        migrations.AddField(
            model_name="org",
            name="is_demo",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Its people and posts are invented, and nothing of it leaves Siach.",
            ),
        ),
    ]
