from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from courseplatform.people.models import User


class PersonBackend(AuthenticationBackend):
    """Knows people by e-mail and password."""

    def get_user(self, user_id: Any) -> User | None:
        """Who is signed in, with their municipality: every page shows its name."""
        person = User.objects.select_related("municipality").filter(pk=user_id).first()
        return person if person and self.user_can_authenticate(person) else None
