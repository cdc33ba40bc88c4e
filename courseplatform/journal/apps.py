from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "courseplatform.journal"

    def ready(self) -> None:
        from courseplatform.journal import erasing, withdrawn
        from courseplatform.journal.reflections import answers_by_mail as journal
        from courseplatform.outbox.inbox import answers_by_mail as outbox
        from courseplatform.people.privacy import tombstones

        outbox.kept_by(journal.keep)
        withdrawn.remember()
        tombstones.erased_by(erasing.EVERYTHING, erasing.erase_again)
        # Whatever holds a sealed text: a new model cannot be forgotten.
        tombstones.keep_of(*(model for model in self.get_models() if hasattr(model, "sealed")))
