import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0010_mandates"),
    ]

    operations = [
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
    ]
