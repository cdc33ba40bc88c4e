"""From a folder's value to the author's pages: all or nothing, twice changes nothing, never over an author's work."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page

from courseplatform.people.models import User
from lessons import english
from lessons.models import Authored, LessonPage, ModulePage, ProgrammePage, TrackPage
from lessons.parts import Part, digest_of_page, digest_of_part, programme_part
from lessons.shape import Programme

KINDS: tuple[type[Authored], ...] = (ProgrammePage, TrackPage, ModulePage, LessonPage)
Existing = dict[tuple[type[Authored], str], Authored]


class LoadError(Exception):
    """The folder and an author have both changed something. Nothing was written."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__("\n".join(self.sentences))


@dataclass
class Loaded:
    """What a load did, by page title."""

    page: ProgrammePage | None = None
    created: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    pruned: list[str] = field(default_factory=list)

    @property
    def changed_nothing(self) -> bool:
        return not (self.created or self.written or self.pruned)


@transaction.atomic
def to_pages(
    programme: Programme, *, now: datetime, by: User | None = None, overwrite: bool = False, prune: bool = False
) -> Loaded:
    """Makes the pages say what the programme says. Raises LoadError naming every page an author has changed too."""
    whole, existing = programme_part(programme), _existing(programme.key)
    if not overwrite:
        _refuse_conflicts(whole, existing)
    loaded = Loaded()
    root = Page.get_first_root_node()
    loaded.page = _write(whole, root, existing, loaded, by=by, now=now)
    _tell_missing(whole, existing, loaded, prune=prune)
    return loaded


def _existing(key: str) -> Existing:
    """The programme's pages by kind and key. Five queries, children left out."""
    top = ProgrammePage.objects.filter(key=key).first()
    if top is None:
        return {}
    pages = [page for kind in KINDS for page in kind.objects.descendant_of(top, inclusive=True)]
    return {(type(page), page.key): page for page in pages}


def _all(part: Part) -> Iterator[Part]:
    yield part
    for below in part.below:
        yield from _all(below)


def _refuse_conflicts(whole: Part, existing: Existing) -> None:
    conflicts = [part for part in _all(whole) if _both_changed(part, existing.get((part.kind, part.key)))]
    if conflicts:
        words = _("“%(title)s” (%(key)s) was changed by an author since the last load, and the folder changed it too.")
        raise LoadError(words % {"title": part.columns["title"], "key": part.key} for part in conflicts)


def _both_changed(part: Part, page: Authored | None) -> bool:
    if page is None or page.loaded_digest == digest_of_part(part):
        return False
    newest = page.get_latest_revision_as_object() if page.has_unpublished_changes else page
    return digest_of_page(newest, part) not in (page.loaded_digest, digest_of_part(part))


def _write(part: Part, parent: Page, existing: Existing, loaded: Loaded, *, by: User | None, now: datetime) -> Authored:
    """The page of that part, made or brought up to date, and all below it."""
    page = existing.get((part.kind, part.key))
    digest = digest_of_part(part)
    if page is not None and page.loaded_digest == digest:
        for below in part.below:
            _write(below, page, existing, loaded, by=by, now=now)
        return page
    if page is None:
        page = _created(part, parent, digest, by, now)
        loaded.created.append(page.title)
    else:
        _filled(page, part, digest)
        page.save_revision(user=by, clean=False).publish(user=by, skip_permission_checks=True)
        loaded.written.append(page.title)
    children = [_write(below, page, existing, loaded, by=by, now=now) for below in part.below]
    _put_in_order(page, children)
    return page


def _created(part: Part, parent: Page, digest: str, by: User | None, now: datetime) -> Authored:
    page = part.kind(owner=by, show_in_menus=False, first_published_at=now, last_published_at=now)
    _filled(page, part, digest)
    parent.add_child(instance=page)
    revision = page.save_revision(user=by, clean=False)
    # Already live with just this content: the revision only has to be named as such.
    page.live_revision = page.latest_revision = revision
    page.has_unpublished_changes = False
    part.kind.objects.filter(pk=page.pk).update(
        live_revision=revision, latest_revision=revision, has_unpublished_changes=False
    )
    return page


def _filled(page: Authored, part: Part, digest: str) -> None:
    for name, value in part.columns.items():
        setattr(page, name, value)
    page.draft_title = page.title
    for name, (model, values) in part.children.items():
        _fill_children(page, name, model, values)
    page.loaded_digest = digest
    english.confirm(page)  # whoever wrote the folder wrote both files


def _fill_children(page: Authored, name: str, model: type[Any], values: list[Any]) -> None:
    """Children are matched by key, so that their ids live on; order follows the folder."""
    relation = getattr(page, name)
    known = {child.key: child for child in relation.all()} if page.pk else {}
    children = []
    for order, value in enumerate(values):
        child = known.get(value.key) or model(key=value.key)
        for column, content in model.columns_of(value).items():
            setattr(child, column, content)
        child.sort_order = order
        children.append(child)
    relation.set(children)


def _put_in_order(page: Authored, children: list[Authored]) -> None:
    """Moves the children below the page, in that order, if they are not there already."""
    own = {child.pk for child in children}
    if [pk for pk in page.get_children().values_list("pk", flat=True) if pk in own] == [child.pk for child in children]:
        return
    for child in children:
        Page.objects.get(pk=child.pk).move(Page.objects.get(pk=page.pk), pos="last-child")


def _tell_missing(whole: Part, existing: Existing, loaded: Loaded, *, prune: bool) -> None:
    """Pages the folder no longer has: named, and deleted with `prune`. A pinned cohort keeps what it has."""
    wanted = {(part.kind, part.key) for part in _all(whole)}
    for page in [page for place, page in existing.items() if place not in wanted]:
        (loaded.pruned if prune else loaded.missing).append(page.title)
        if prune and (current := Page.objects.filter(pk=page.pk).first()):
            current.specific.delete()
