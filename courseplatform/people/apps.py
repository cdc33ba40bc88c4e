from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "courseplatform.people"

    def ready(self) -> None:
        from courseplatform.people import production_checks, sealing, sessions  # noqa: F401  # register themselves
