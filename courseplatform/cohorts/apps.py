from django.apps import AppConfig


class CohortsConfig(AppConfig):
    name = "courseplatform.cohorts"

    def ready(self) -> None:
        from courseplatform.cohorts.workshops.arrivals import listen

        listen()
