"""Indexes that another one serves as well, or that nobody asks, go; the rest holds only the rows that have a value."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cohorts', '0004_first_look'),
        ('outbox', '0009_calendar_feed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('workshop__isnull', False)), fields=['workshop'], name='messages_of_a_workshop'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('meeting__isnull', False)), fields=['meeting'], name='messages_of_a_meeting'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='messages_in_a_mail'),
        ),
        migrations.AlterField(
            model_name='message',
            name='created_by',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='message',
            name='enrolment',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='cohorts.enrolment'),
        ),
        migrations.AlterField(
            model_name='message',
            name='meeting',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='messages', to='cohorts.groupmeeting'),
        ),
        migrations.AlterField(
            model_name='message',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='merged', to='outbox.message'),
        ),
        migrations.AlterField(
            model_name='message',
            name='person',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='message',
            name='workshop',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='messages', to='cohorts.workshop'),
        ),
    ]
