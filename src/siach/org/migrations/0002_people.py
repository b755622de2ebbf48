import datetime
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import siach.org.models.notices
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PushKeys",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public", models.TextField()),
                ("sealed", models.BinaryField()),
            ],
        ),
        migrations.AddField(
            model_name="org",
            name="factor_roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=12),
                blank=True,
                default=list,
                help_text="Whoever holds one of these roles must have a second factor.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="org",
            name="urgent_minutes",
            field=models.SmallIntegerField(
                default=10, help_text="How long a notice of this level calls before it goes on to others."
            ),
        ),
        migrations.AddField(
            model_name="org",
            name="important_minutes",
            field=models.SmallIntegerField(
                default=30, help_text="How long a notice of this level calls before it goes on to others."
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="keys",
            field=models.JSONField(
                blank=True, default=dict, help_text="off, and moved: place -> place; see siach.ui.keys."
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[
                    ("owner", "owner"),
                    ("manager", "brand manager"),
                    ("community", "community manager"),
                    ("lead", "team lead"),
                    ("agent", "service agent"),
                    ("spokesperson", "spokesperson"),
                    ("legal", "legal"),
                    ("reader", "reader"),
                    ("scout", "scout"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.BigIntegerField()),
                ("version", models.IntegerField()),
                ("own_forbidden", models.BooleanField(default=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "asked"),
                            ("granted", "granted"),
                            ("refused", "refused"),
                            ("void", "void"),
                            ("lapsed", "lapsed"),
                        ],
                        default="asked",
                        max_length=8,
                    ),
                ),
                ("place", models.SmallIntegerField(default=1)),
                ("asked_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=1000)),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="approvals", to="org.brand"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org")),
            ],
        ),
        migrations.CreateModel(
            name="ApprovalComment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=1000)),
                ("at", models.DateTimeField()),
                (
                    "approval",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="comments", to="org.approval"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ApprovalRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "place",
                    models.SmallIntegerField(default=0, help_text="The first rule that fits is the one that asks."),
                ),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("priority", models.SmallIntegerField(null=True)),
                ("followers", models.IntegerField(help_text="At least so many.", null=True)),
                (
                    "intents",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
                ("is_safety", models.BooleanField(default=False)),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12),
                        blank=True,
                        default=list,
                        help_text="Of who wrote.",
                        size=None,
                    ),
                ),
                ("by_mandate", models.BooleanField(default=False)),
                ("own_forbidden", models.BooleanField(default=True, help_text="Nobody approves their own words.")),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="approval_rules", to="org.brand"
                    ),
                ),
            ],
            options={
                "ordering": ["place", "pk"],
            },
        ),
        migrations.AddField(
            model_name="approval",
            name="rule",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="org.approvalrule"
            ),
        ),
        migrations.CreateModel(
            name="ApprovalStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.SmallIntegerField()),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), default=list, size=None
                    ),
                ),
                (
                    "named",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, help_text="Users.", size=None
                    ),
                ),
                ("needs_all", models.BooleanField(default=False)),
                ("minutes", models.IntegerField()),
                ("stage", models.SmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "approval",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="org.approval"
                    ),
                ),
                (
                    "substitute",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["place"],
            },
        ),
        migrations.CreateModel(
            name="ApprovalLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("said_by", models.CharField(blank=True, max_length=120)),
                ("granted", models.BooleanField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="org.approvalstep"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Archive",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("building", "being made"), ("ready", "ready"), ("gone", "deleted after seven days")],
                        default="building",
                        max_length=8,
                    ),
                ),
                ("path", models.CharField(blank=True, max_length=80)),
                ("size", models.BigIntegerField(default=0)),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("done", models.IntegerField(default=0)),
                ("total", models.IntegerField(default=0)),
                ("at", models.DateTimeField()),
                ("keep_until", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org")),
            ],
        ),
        migrations.CreateModel(
            name="Asked",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stage", models.SmallIntegerField(default=0)),
                ("granted", models.BooleanField(null=True)),
                ("at", models.DateTimeField(null=True)),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="asked", to="org.approvalstep"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Deletion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("day", models.DateField()),
                ("n", models.IntegerField(default=0)),
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org")),
            ],
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "brand",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="hold",
                        serialize=False,
                        to="org.brand",
                    ),
                ),
                ("since", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("review_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("to", models.EmailField(max_length=254)),
                ("subject", models.CharField(max_length=200)),
                ("language", models.CharField(max_length=5)),
                ("sealed", models.BinaryField(help_text="Empty once it was sent or given up.")),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "on its way"), ("sent", "sent"), ("failed", "not sent")],
                        default="queued",
                        max_length=6,
                    ),
                ),
                ("error", models.CharField(blank=True, help_text="What the mail server said last.", max_length=300)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("made_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(help_text="Not tried before.")),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "org",
                    models.ForeignKey(
                        help_text="Who sees its state.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="org.org",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issuer", models.CharField(max_length=300)),
                ("subject", models.CharField(max_length=255)),
                ("made_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("issuer", "subject"), name="identity_once"),
                    models.UniqueConstraint(fields=("user", "issuer"), name="one_identity_at_each"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "owner"),
                            ("manager", "brand manager"),
                            ("community", "community manager"),
                            ("lead", "team lead"),
                            ("agent", "service agent"),
                            ("spokesperson", "spokesperson"),
                            ("legal", "legal"),
                            ("reader", "reader"),
                            ("scout", "scout"),
                        ],
                        max_length=12,
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org")),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.team"),
                ),
                (
                    "mail",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="org.mail"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Mandate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("helps", "the agency helps at the peak"),
                            ("leads", "the agency leads, the client approves and reads"),
                        ],
                        default="helps",
                        max_length=5,
                    ),
                ),
                (
                    "rights",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None),
                ),
                (
                    "topics",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "reply_approval",
                    models.CharField(
                        choices=[("all", "all"), ("sample", "a sample"), ("none", "none")], default="all", max_length=6
                    ),
                ),
                (
                    "data_scope",
                    models.CharField(
                        choices=[
                            ("cases", "only the conversations of its cases, without earlier contacts"),
                            ("brand", "everything heard about the brand"),
                        ],
                        default="cases",
                        max_length=5,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                (
                    "agreement",
                    models.CharField(help_text="Name or number of the processor agreement on file.", max_length=200),
                ),
                ("agreed_on", models.DateField()),
                ("granted_at", models.DateTimeField()),
                ("code_digest", models.CharField(max_length=64, unique=True)),
                ("code_until", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "accepted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mandates", to="org.brand"
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "org",
                    models.ForeignKey(
                        help_text="The client.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="granted",
                        to="org.org",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="mandates", to="org.team"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MandateProof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("made_at", models.DateTimeField()),
                ("content", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "mandate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="proof", to="org.mandate"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("room", models.CharField(max_length=20)),
                ("kind", models.CharField(max_length=60)),
                (
                    "level",
                    models.SmallIntegerField(
                        choices=[(1, "quiet"), (2, "normal"), (3, "interrupts"), (4, "wakes")], default=2
                    ),
                ),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.BigIntegerField()),
                ("url_name", models.CharField(max_length=60)),
                ("url_args", models.JSONField(default=dict)),
                ("facts", models.JSONField(default=dict)),
                ("once", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("planned_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("waits", models.BooleanField(default=False)),
                ("digested_at", models.DateTimeField(null=True)),
                ("step", models.SmallIntegerField(default=0)),
                ("escalated_at", models.DateTimeField(null=True)),
                ("over_at", models.DateTimeField(null=True)),
                (
                    "brand",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.brand"
                    ),
                ),
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
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
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="org.notice"
                    ),
                ),
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
                (
                    "topics_off",
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
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notice_preferences",
                        to=settings.AUTH_USER_MODEL,
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
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org")),
            ],
        ),
        migrations.CreateModel(
            name="PersonRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("access", "access"), ("correction", "correction"), ("erasure", "erasure")],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("running", "being carried out"),
                            ("done", "done"),
                            ("refused", "refused"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("people", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("asked", models.TextField(blank=True, help_text="Who asked, how, and what shows that it is them.")),
                ("due_on", models.DateField()),
                ("at", models.DateTimeField()),
                ("step", models.SmallIntegerField(default=0)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.JSONField(default=dict, help_text="Counts by what was found or erased; a refusal's reason."),
                ),
                ("report", models.JSONField(null=True)),
                ("keep_until", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org")),
            ],
        ),
        migrations.CreateModel(
            name="Privacy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("keep", models.JSONField(default=dict)),
                ("record", models.JSONField(default=dict)),
                ("contact", models.JSONField(default=dict, help_text="name, mail and phone of the privacy contact.")),
                (
                    "access",
                    models.JSONField(default=dict, help_text="name, mail and phone of the accessibility coordinator."),
                ),
                (
                    "org",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="privacy", to="org.org"
                    ),
                ),
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
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReadLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("person", "author's page"),
                            ("case", "case with its customer's card"),
                            ("report", "access report"),
                        ],
                        max_length=8,
                    ),
                ),
                ("person", models.BigIntegerField(help_text="The author's id.")),
                ("subject", models.BigIntegerField(help_text="The id of what was opened.")),
                ("hour", models.DateTimeField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.org")),
            ],
        ),
        migrations.CreateModel(
            name="Removal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("not_before", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "org",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="removal", to="org.org"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RuleStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "place",
                    models.SmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(4),
                        ]
                    ),
                ),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("owner", "owner"),
                                ("manager", "brand manager"),
                                ("community", "community manager"),
                                ("lead", "team lead"),
                                ("agent", "service agent"),
                                ("spokesperson", "spokesperson"),
                                ("legal", "legal"),
                                ("reader", "reader"),
                                ("scout", "scout"),
                            ],
                            max_length=12,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("needs_all", models.BooleanField(default=False)),
                (
                    "minutes",
                    models.IntegerField(
                        default=60,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(20160),
                        ],
                    ),
                ),
                ("people", models.ManyToManyField(blank=True, related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="org.approvalrule"
                    ),
                ),
                (
                    "substitute",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["place"],
            },
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
                (
                    "brand",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="org.brand"),
                ),
                (
                    "deputy",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        default=list,
                        help_text="Every way people say it.",
                        size=None,
                    ),
                ),
                ("is_value", models.BooleanField(default=False, help_text="One of the brand's values.")),
                (
                    "brand",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="topics", to="org.brand"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(condition=models.Q(("state", "asked")), fields=["due_at"], name="approval_due"),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(fields=["brand", "-ended_at"], name="approval_ended"),
        ),
        migrations.AddConstraint(
            model_name="approval",
            constraint=models.UniqueConstraint(
                fields=("subject_kind", "subject_id", "version"), name="approval_of_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="approvalstep",
            constraint=models.UniqueConstraint(fields=("approval", "place"), name="approval_step_once"),
        ),
        migrations.AddIndex(
            model_name="archive",
            index=models.Index(fields=["org", "-at", "-id"], name="archive_newest"),
        ),
        migrations.AddConstraint(
            model_name="asked",
            constraint=models.UniqueConstraint(fields=("step", "user"), name="asked_once"),
        ),
        migrations.AddConstraint(
            model_name="deletion",
            constraint=models.UniqueConstraint(fields=("org", "kind", "day"), name="deletion_once_a_day"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("review_at", None), ("since", None)),
                    ("review_at__gt", models.F("since")),
                    _connector="OR",
                ),
                name="hold_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(condition=models.Q(("state", "queued")), fields=["due_at"], name="mail_due"),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(fields=["org", "-made_at"], name="mail_of_org"),
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(fields=["org", "-made_at"], name="invitation_of_org"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None), ("used_at", None)),
                fields=("team", "email"),
                name="invited_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("brand", "team"), name="mandate_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gt", models.F("since")), _connector="OR"),
                name="mandate_ends_later",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["user", "-at", "-id"], name="notice_user_at"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=models.Q(("seen_at", None)), fields=["user"], name="notice_unseen"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("over_at", None), ("planned_at", None)), fields=["id"], name="notice_unplanned"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(
                    ("acknowledged_at", None), ("escalated_at", None), ("level__gte", 3), ("over_at", None)
                ),
                fields=["due_at"],
                name="notice_unheeded",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("user", "kind", "once"), name="told_once"),
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
            model_name="personrequest",
            index=models.Index(fields=["org", "-at", "-id"], name="request_newest"),
        ),
        migrations.AddIndex(
            model_name="personrequest",
            index=models.Index(
                condition=models.Q(("state__in", ["open", "running"])), fields=["due_on"], name="request_open"
            ),
        ),
        migrations.AddIndex(
            model_name="readlog",
            index=models.Index(fields=["org", "-at", "-id"], name="read_newest"),
        ),
        migrations.AddConstraint(
            model_name="readlog",
            constraint=models.UniqueConstraint(fields=("by", "what", "subject", "hour"), name="read_once_an_hour"),
        ),
        migrations.AddConstraint(
            model_name="rulestep",
            constraint=models.UniqueConstraint(fields=("rule", "place"), name="rule_step_once"),
        ),
        migrations.AddConstraint(
            model_name="rulestep",
            constraint=models.CheckConstraint(condition=models.Q(("place__range", (1, 4))), name="rule_step_place"),
        ),
        migrations.AddIndex(
            model_name="shift",
            index=models.Index(fields=["brand", "day"], name="shift_of"),
        ),
        migrations.AddConstraint(
            model_name="topic",
            constraint=models.UniqueConstraint(fields=("brand", "name"), name="topic_once"),
        ),
        migrations.RunSQL(
            "INSERT INTO org_hold (brand_id, reason) SELECT id, '' FROM org_brand", migrations.RunSQL.noop
        ),
    ]
