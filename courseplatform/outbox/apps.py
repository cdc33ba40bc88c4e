from django.apps import AppConfig
from django.core.checks import register


class OutboxConfig(AppConfig):
    name = "courseplatform.outbox"

    def ready(self) -> None:
        from courseplatform.outbox.planning import turns
        from courseplatform.outbox.relay.checks import relay_has_timeouts
        from courseplatform.outbox.sending.checks import lease_outlasts_a_mail

        register(relay_has_timeouts)
        register(lease_outlasts_a_mail)
        turns.listen()
