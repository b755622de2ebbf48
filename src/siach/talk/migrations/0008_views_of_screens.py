from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("talk", "0007_privacy_and_more")]

    operations = [
        migrations.AddField(
            model_name="savedview",
            name="screen",
            field=models.CharField(choices=[("stream", "Stream"), ("inbox", "Inbox")], default="stream", max_length=8),
        ),
        migrations.RemoveConstraint(model_name="savedview", name="view_name_once"),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(fields=("org", "by", "screen", "name"), name="view_name_once"),
        ),
    ]
