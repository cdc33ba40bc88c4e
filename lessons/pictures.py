"""Pictures of the library as lessons show them."""

from lessons.models import Picture

READING_WIDTH = "max-1320x1320"  # twice the column, for sharp screens


def address_of(key: str) -> str | None:
    """The address of the picture at reading width, or None where there is no such key."""
    picture = Picture.objects.filter(key=key).first()
    return picture.get_rendition(READING_WIDTH).url if picture else None
