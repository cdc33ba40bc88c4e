from django.db import models

from courseplatform.people.models.person import User


class PersonKey(models.Model):
    """The key that seals one person's texts, itself wrapped by a master key. Destroyed means: unreadable everywhere."""

    person = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="key")
    wrapped = models.BinaryField(null=True)
    master_key = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"key of {self.person_id}"
