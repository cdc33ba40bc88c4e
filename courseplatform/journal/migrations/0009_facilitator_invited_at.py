"""When a group invited its facilitator: what was written before is the group's alone."""

from django.db import migrations, models
from django.db.models import F


def invited_when_it_was_said(apps, schema_editor):
    """Standing invitations hold from the last time one was given."""
    invitations = apps.get_model("journal", "FacilitatorInvitation").objects.filter(is_invited=True)
    invitations.update(invited_at=F("updated_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('journal', '0008_insight_focus_area'),
    ]

    operations = [
        migrations.AddField(
            model_name='facilitatorinvitation',
            name='invited_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(invited_when_it_was_said, migrations.RunPython.noop),
    ]
