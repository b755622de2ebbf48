from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("org", "0013_approval_topics")]

    operations = [
        migrations.AlterField(
            model_name="readlog",
            name="what",
            field=models.CharField(
                choices=[
                    ("person", "author's page"),
                    ("case", "case with its customer's card"),
                    ("report", "access report"),
                    ("message", "private message"),
                ],
                max_length=8,
            ),
        ),
    ]
