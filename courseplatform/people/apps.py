from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "courseplatform.people"

    def ready(self) -> None:
        from courseplatform.people import production_checks  # noqa: F401  # register themselves
        from courseplatform.people.privacy import sealing  # noqa: F401  # register themselves
        from courseplatform.people.signing_in import sessions  # noqa: F401  # register themselves
