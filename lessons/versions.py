"""Published versions: one immutable value each (MODEL I1). Everybody who follows a programme reads it here."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal
from lessons.changes import diff
from lessons.markdown import IMAGE_PREFIX, pictures_in
from lessons.models import Picture, ProgrammeVersion, VersionImage
from lessons.shape import SCHEMA_VERSION, Programme

__all__ = ["canonical_json", "diff", "digest_of", "from_snapshot", "knowing", "picture_keys", "programme", "publish"]

Snapshot = dict[str, Any]
# From the schema version named to the next: `{1: upgrade_1_to_2}`. Applied on reading; stored rows are never rewritten.
UPGRADES: dict[int, Callable[[Snapshot], Snapshot]] = {}


def digest_of(programme: Programme) -> str:
    """sha256 of the programme's canonical JSON: equal content, equal digest."""
    return hashlib.sha256(canonical_json(programme.model_dump(mode="json"))).hexdigest()


def canonical_json(value: Any) -> bytes:
    """One value, one text: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


@lru_cache(maxsize=32)
def programme(digest: str) -> Programme:
    """The version with that digest, as frozen values. One query, then none: a version never changes.

    Raises ProgrammeVersion.DoesNotExist, or pydantic's ValidationError naming the path that does not fit the shape.
    """
    # Two programmes never share a digest: the key is part of the content.
    return from_snapshot(ProgrammeVersion.objects.values_list("snapshot", flat=True).get(digest=digest))


def knowing(whole: Programme, kind: str, key: str) -> Programme:
    """`whole` when it has that thing, such as the `workshops` called w2; else the latest version that had it.

    So what an older version told stays readable. Queries only for what `whole` does not have; raises KeyError for
    what no version has ever had.
    """
    for one in _newest_first(whole):
        if any(value.key == key for value in getattr(one, kind)):
            return one
    raise KeyError(key)


def _newest_first(whole: Programme) -> Iterator[Programme]:
    """The one at hand, and only when that is not enough the others."""
    yield whole
    digests = ProgrammeVersion.objects.filter(programme_key=whole.key).values_list("digest", flat=True)
    yield from map(programme, digests)


def from_snapshot(snapshot: Snapshot) -> Programme:
    """A stored snapshot as the value of today's shape, upgraded step by step."""
    for version in range(snapshot["schema_version"], SCHEMA_VERSION):
        snapshot = UPGRADES[version](snapshot)
    return Programme.model_validate(snapshot)


@transaction.atomic
def publish(programme: Programme, *, note: str, by: User | None, now: datetime) -> ProgrammeVersion:
    """Writes the programme as a version, once. Raises Refusal when its content, or its number, is published already."""
    digest = digest_of(programme)
    published = ProgrammeVersion.objects.filter(programme_key=programme.key)
    if published.filter(digest=digest).exists():
        raise Refusal(_("Nothing has changed since the last version."))
    if published.filter(number=programme.number).exists():
        raise Refusal(_("Another version has this number already."), state=programme.number)
    version = ProgrammeVersion(
        programme_key=programme.key,
        number=programme.number,
        note=note,
        published_at=now,
        schema_version=programme.schema_version,
        digest=digest,
        snapshot=programme.model_dump(mode="json"),
        created_by=by,
    )
    version.save()
    _keep_pictures(version, programme)
    return version


def _keep_pictures(version: ProgrammeVersion, programme: Programme) -> None:
    """Raises Refusal naming pictures the library does not have."""
    keys = picture_keys(programme)
    pictures = {picture.key: picture for picture in Picture.objects.filter(key__in=keys)} if keys else {}
    if absent := sorted(keys - pictures.keys()):
        raise Refusal(_("These pictures are not in the library: %s.") % ", ".join(absent))
    for picture in pictures.values():
        VersionImage(version=version, image=picture, file_hash=picture.get_file_hash()).save()


def picture_keys(programme: Programme) -> set[str]:
    """The keys of all pictures the lessons show."""
    written = [text for lesson in programme.lessons for text in (lesson.body, lesson.short) if text]
    texts = [words for text in written for words in (text.da, text.en or "")]
    targets = [match["target"] for text in texts for match in pictures_in(text)]
    return {target.removeprefix(IMAGE_PREFIX) for target in targets if target.startswith(IMAGE_PREFIX)}
