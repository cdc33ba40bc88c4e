from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("journal", "0003_projects_and_experiments")]

    operations = [
        migrations.AddField(
            model_name="meetingrun",
            name="begun_at",
            field=models.DateTimeField(default=timezone.now),
            preserve_default=False,
        ),
    ]
