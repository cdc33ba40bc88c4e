"""A message changes a few times within an hour: room for that beside it, and an early sweep (DELIVERY §3)."""

from django.db import migrations

ROOMY = "ALTER TABLE outbox_message SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01)"
USUAL = "ALTER TABLE outbox_message RESET (fillfactor, autovacuum_vacuum_scale_factor)"


def on_postgresql(statement):
    def run(apps, editor):
        if editor.connection.vendor == "postgresql":
            editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("outbox", "0006_doubted_claims")]
    operations = [migrations.RunPython(on_postgresql(ROOMY), on_postgresql(USUAL))]
