"""Who may read a reflection: the only place that decides it (MODEL I5–I8, §5)."""

from typing import TYPE_CHECKING

from django.db import models

from courseplatform.people.models import User

if TYPE_CHECKING:
    pass


class ReflectionQuerySet(models.QuerySet["Reflection"]):
    def by(self, person: User) -> "ReflectionQuerySet":
        """The person's own, drafts too, deleted ones not."""
        return self.filter(author=person).exclude(state="deleted")
