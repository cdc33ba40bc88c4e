from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image

from lessons.models.fields import KeyField


class Picture(AbstractImage):
    """An image of the library. Lessons name it by its key: `![what it shows](image:key)`."""

    key = KeyField(unique=True, help_text=_("Lessons write ![what it shows](image:key)."))

    admin_form_fields = ("key", *Image.admin_form_fields)

    class Meta(AbstractImage.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def clean(self) -> None:
        """Raises ValidationError when a published version shows this picture and its key or file would change."""
        super().clean()
        stored = type(self).objects.filter(pk=self.pk, in_versions__isnull=False).distinct().first()
        if stored and (stored.key != self.key or stored.file != self.file):
            raise ValidationError(_("A published version shows this picture. Add a new picture instead."))

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.key:
            self.key = _free_key(self.title)
        super().save(*args, **kwargs)


def _free_key(title: str) -> str:
    from django.utils.text import slugify

    stem = slugify(title)[:50] or "picture"
    taken = set(Picture.objects.filter(key__startswith=stem).values_list("key", flat=True))
    return next(key for key in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if key not in taken)


class PictureRendition(AbstractRendition):
    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="rendition_once")
        ]
