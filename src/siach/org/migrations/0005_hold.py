import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0004_notices"),
    ]

    operations = [
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
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("review_at", None), ("since", None)),
                            ("review_at__gt", models.F("since")),
                            _connector="OR",
                        ),
                        name="hold_whole",
                    )
                ],
            },
        ),
        migrations.RunSQL(
            "INSERT INTO org_hold (brand_id, reason) SELECT id, '' FROM org_brand", migrations.RunSQL.noop
        ),
    ]
