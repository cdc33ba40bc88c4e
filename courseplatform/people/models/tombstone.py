from django.db import models


class Tombstone(models.Model):
    """Something was erased, and a database from a backup erases it again (MODEL I18). Nothing of what it said."""

    kind = models.CharField(max_length=60)  # what it was: a model's label, in small letters
    object_id = models.UUIDField()
    erased_at = models.DateTimeField()
    rule = models.CharField(max_length=40)  # why

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="one_tombstone_each")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}, {self.rule}"
