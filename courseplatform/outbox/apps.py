from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "courseplatform.outbox"

    def ready(self) -> None:
        from courseplatform.outbox import turns

        turns.listen()
