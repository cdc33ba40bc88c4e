from django.db import migrations, models


def all_seen(apps, schema_editor):
    """Nobody knows who has read which answer so far: nobody is told of an old one as if it were new."""
    answered = apps.get_model("journal", "PeerQuestion").objects.filter(answered_at__isnull=False)
    answered.update(answer_seen_at=models.F("answered_at"))


class Migration(migrations.Migration):
    dependencies = [("journal", "0006_peer_questions")]

    operations = [
        migrations.AddField(
            model_name="peerquestion",
            name="answer_seen_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.RunPython(all_seen, migrations.RunPython.noop),
    ]
