import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import siach.org.models.notices
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0008_approvals"),
    ]

    operations = [
        migrations.CreateModel(
            name="NoticeDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("mail", "mail"), ("push", "phone or browser"), ("service", "other services")],
                        max_length=8,
                    ),
                ),
                ("target_id", models.BigIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                ("tries", models.SmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="NoticePreferences",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rules", models.JSONField(default=dict)),
                (
                    "brands_off",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("quiet_from", models.TimeField(default=datetime.time(22, 0), null=True)),
                ("quiet_to", models.TimeField(default=datetime.time(7, 0), null=True)),
                ("keeps_holidays", models.BooleanField(default=True)),
                (
                    "cap",
                    models.SmallIntegerField(default=12, help_text="Interruptions a day; the rest waits in a digest."),
                ),
                ("has_brief", models.BooleanField(default=True)),
                (
                    "brief_days",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), default=siach.org.models.notices.working_days, size=None
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NoticeService",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("network", models.CharField(help_text="What kind of service it is, by its own name.", max_length=60)),
                ("sealed", models.BinaryField()),
                ("least_level", models.SmallIntegerField(default=3)),
                ("made_at", models.DateTimeField()),
                ("error", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="PushKeys",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public", models.TextField()),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="PushSubscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("endpoint", models.CharField(max_length=1000, unique=True)),
                ("sealed", models.BinaryField()),
                ("agent", models.CharField(blank=True, max_length=80)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Shift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("begins", models.TimeField()),
                ("ends", models.TimeField()),
                ("is_weekly", models.BooleanField(default=False)),
                ("until", models.DateField(null=True)),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="notice",
            name="digested_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="escalated_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="planned_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="step",
            field=models.SmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="notice",
            name="waits",
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=models.Q(("planned_at", None)), fields=["id"], name="notice_unplanned"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("acknowledged_at", None), ("escalated_at", None), ("level__gte", 3)),
                fields=["due_at"],
                name="notice_unheeded",
            ),
        ),
        migrations.AddField(
            model_name="noticedelivery",
            name="notice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="org.notice"
            ),
        ),
        migrations.AddField(
            model_name="noticepreferences",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notice_preferences",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="noticeservice",
            name="org",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org"),
        ),
        migrations.AddField(
            model_name="pushsubscription",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="shift",
            name="brand",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.brand"),
        ),
        migrations.AddField(
            model_name="shift",
            name="deputy",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="shift",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="noticedelivery",
            index=models.Index(condition=models.Q(("done_at", None)), fields=["due_at"], name="delivery_due"),
        ),
        migrations.AddConstraint(
            model_name="noticedelivery",
            constraint=models.UniqueConstraint(fields=("notice", "channel", "target_id"), name="delivered_once"),
        ),
        migrations.AddIndex(
            model_name="shift",
            index=models.Index(fields=["brand", "day"], name="shift_of"),
        ),
    ]
