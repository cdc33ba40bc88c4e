from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from courseplatform.people.entity import Entity
from courseplatform.people.refusals import Refusal


class VersionQuerySet(models.QuerySet["ProgrammeVersion"]):
    def update(self, **kwargs: Any) -> int:
        """Raises Refusal, always: a version is written once."""
        raise Refusal(_("A published version is never changed. Publish a new one."))


class VersionManager(models.Manager.from_queryset(VersionQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> VersionQuerySet:
        """Without the snapshot: a list of versions should not drag 60 KB a row."""
        queryset: VersionQuerySet = super().get_queryset()
        return queryset.defer("snapshot")


class ProgrammeVersion(Entity):
    """What a cohort is pinned to: one programme, whole, as it was at publication. Immutable (MODEL I1).

    Read it with `lessons.versions.programme(version.digest)`.
    """

    programme_key = models.CharField(max_length=64)
    number = models.CharField(max_length=20)
    note = models.CharField(max_length=300, blank=True)
    published_at = models.DateTimeField()
    schema_version = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64)  # sha256 of the canonical JSON
    snapshot = models.JSONField()

    objects = VersionManager()

    class Meta:
        verbose_name = _("programme version")
        verbose_name_plural = _("programme versions")
        ordering = ["-published_at"]
        constraints = [
            models.UniqueConstraint(fields=["programme_key", "digest"], name="version_content_once"),
            models.UniqueConstraint(fields=["programme_key", "number"], name="version_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.programme_key} {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises Refusal when the version already stands."""
        if not self._state.adding:
            raise Refusal(_("A published version is never changed. Publish a new one."))
        super().save(*args, **kwargs)


class VersionImage(models.Model):
    """A picture a version shows. While this row stands the picture cannot be deleted, nor its file exchanged.

    Made with `save()`, never `bulk_create`: Wagtail's reference index learns of it by signal.
    """

    version = models.ForeignKey(ProgrammeVersion, on_delete=models.CASCADE, related_name="images")
    image = models.ForeignKey("lessons.Picture", on_delete=models.PROTECT, related_name="in_versions")
    file_hash = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "image"], name="image_once_per_version")]

    def __str__(self) -> str:
        return f"{self.version}: {self.image.title}"
