import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0013_approval_topics"),
        ("talk", "0009_looks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="author",
            name="org",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org"
            ),
        ),
        migrations.AlterField(
            model_name="author",
            name="part_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="media",
            name="post",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="media", to="talk.post"
            ),
        ),
        migrations.AlterField(
            model_name="mention",
            name="post",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="mentions", to="talk.post"
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="author",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="posts", to="talk.author"
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="org",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org"
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="parent",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="answers",
                to="talk.post",
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="state",
            field=models.CharField(
                choices=[("heard", "heard"), ("gone", "gone at the network"), ("erased", "erased")],
                default="heard",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="thread",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="posts", to="talk.thread"
            ),
        ),
        migrations.AlterField(
            model_name="postmetrics",
            name="post",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="metrics", to="talk.post"
            ),
        ),
        migrations.AlterField(
            model_name="servedthread",
            name="thread",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="served", to="talk.thread"
            ),
        ),
        migrations.AlterField(
            model_name="thread",
            name="org",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org"
            ),
        ),
        migrations.AlterField(
            model_name="threadmark",
            name="thread",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="marks", to="talk.thread"
            ),
        ),
        migrations.AddIndex(
            model_name="author",
            index=models.Index(
                condition=models.Q(("part_by__isnull", False)), fields=["part_by"], name="author_marked"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(condition=models.Q(("parent__isnull", False)), fields=["parent"], name="post_answers"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["said_at"], name="post_said", pages_per_range=32
            ),
        ),
        migrations.RunSQL(
            "UPDATE talk_post SET state = 'heard' WHERE state = 'read'", migrations.RunSQL.noop, elidable=True
        ),
    ]
