import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0012_privacy_and_more"),
        ("talk", "0006_topics"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("given", models.BooleanField()),
                ("evidence", models.TextField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ErasedKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("digest", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="FrozenDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("network", models.CharField(max_length=40)),
                ("day", models.DateField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="mute",
            name="mute_once",
        ),
        migrations.AddField(
            model_name="import",
            name="columns",
            field=models.JSONField(default=list, help_text="The names of the file's columns, in their order."),
        ),
        migrations.AddField(
            model_name="mute",
            name="topic",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.topic"
            ),
        ),
        migrations.AddConstraint(
            model_name="mute",
            constraint=models.UniqueConstraint(
                fields=("user", "author", "topic", "word"), name="mute_once", nulls_distinct=False
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="consents", to="talk.author"
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="erasedkey",
            name="org",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org"
            ),
        ),
        migrations.AddField(
            model_name="frozenday",
            name="brand",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.brand"
            ),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["author", "-at", "-id"], name="consent_newest"),
        ),
        migrations.AddConstraint(
            model_name="erasedkey",
            constraint=models.UniqueConstraint(fields=("org", "network", "digest"), name="erased_once"),
        ),
        migrations.AddConstraint(
            model_name="frozenday",
            constraint=models.UniqueConstraint(fields=("brand", "day", "network"), name="frozen_once"),
        ),
    ]
