from django.apps import AppConfig
from django.core.checks import register


class OutboxConfig(AppConfig):
    name = "courseplatform.outbox"

    def ready(self) -> None:
        from courseplatform.outbox.planning import turns
        from courseplatform.outbox.relay import checks

        register(checks.relay_has_timeouts)
        turns.listen()
