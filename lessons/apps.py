from django.apps import AppConfig


class LessonsConfig(AppConfig):
    name = "lessons"

    def ready(self) -> None:
        from wagtail.models import ReferenceIndex

        from lessons import checks  # noqa: F401 — registers the check of stored versions
        from lessons.models import VersionImage

        # Without this the index does not see what versions show, and an author could delete it.
        ReferenceIndex.register_model(VersionImage)
