from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journal", "0007_the_answer_was_seen")]

    operations = [
        migrations.AddField(
            model_name="insight",
            name="focus_area",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
