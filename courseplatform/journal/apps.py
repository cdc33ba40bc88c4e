from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "courseplatform.journal"

    def ready(self) -> None:
        from courseplatform.journal.reflections import answers_by_mail as journal
        from courseplatform.outbox.inbox import answers_by_mail as outbox

        outbox.kept_by(journal.keep)
