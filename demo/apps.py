from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"

    def ready(self) -> None:
        """Only installed in demo mode, so nothing of this exists elsewhere."""
        from courseplatform.people.templatetags import signing_in as sign_in_page
        from demo.signing_in import demo_people

        sign_in_page.extras.append(demo_people)
