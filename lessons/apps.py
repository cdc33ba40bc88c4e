from django.apps import AppConfig


class LessonsConfig(AppConfig):
    name = "lessons"

    def ready(self) -> None:
        from wagtail.models import ReferenceIndex

        from lessons import checks, receivers  # noqa: F401 — registering is all they do
        from lessons.models import VersionImage

        # Without this the index does not see what versions show, and an author could delete it.
        ReferenceIndex.register_model(VersionImage)
