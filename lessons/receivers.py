"""People know nothing of lessons, so lessons listen."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from courseplatform.people.models import RoleAssignment, User
from lessons.authors import follow_roles


@receiver([post_save, post_delete], sender=RoleAssignment)
def role_changed(instance: RoleAssignment, **kwargs: Any) -> None:
    """A role given or taken changes who may write."""
    # Deleted together with the person: nobody is left to ask about.
    if instance.kind == RoleAssignment.Kind.FACILITATOR and User.objects.filter(pk=instance.person_id).exists():
        follow_roles(instance.person)
