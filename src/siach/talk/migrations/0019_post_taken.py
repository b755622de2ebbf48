import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("talk", "0018_pace")]

    operations = [
        migrations.AddIndex(
            model_name="post",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["taken_at"], name="post_taken", pages_per_range=32
            ),
        ),
    ]
