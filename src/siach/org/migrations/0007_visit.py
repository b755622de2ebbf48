from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0006_invitations_and_more"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="keys",
            field=models.JSONField(
                blank=True, default=dict, help_text="off, and moved: place -> place; see siach.ui.keys."
            ),
        ),
    ]
