"""Ways to look at one's own log: all, what is shared, and what belongs to a question or one of its experiments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, Q
from django.http import Http404
from django.utils.translation import gettext as _

from courseplatform.journal.experiments.sealed_texts import texts_of
from courseplatform.journal.models import Experiment, Reflection
from courseplatform.journal.reflections.visibility import ReflectionQuerySet
from courseplatform.people.privacy import sealing

SHARED, EXPERIMENT, QUESTION = "shared", "proevehandling", "spoergsmaal"  # as they stand in the address
IS_SHARED = Q(state=Reflection.State.SAVED) & ~Q(visibility=Reflection.Visibility.PRIVATE)


@dataclass(frozen=True)
class Choice:
    """One way to look, with how many entries it shows. `query` is its address; `repr` shows no word."""

    query: str
    number: int
    name: str = field(repr=False)
    is_inside: bool = False  # an experiment, under its question


def chosen(own: ReflectionQuerySet, asked: Mapping[str, str]) -> tuple[ReflectionQuerySet, str]:
    """The entries asked for, and the address that asks for them. Raises Http404 for what is no id."""
    if SHARED in asked:
        return own.filter(IS_SHARED), SHARED
    for name, column in ((EXPERIMENT, "experiment"), (QUESTION, "experiment__project")):
        if name in asked:
            pk = _uuid(asked[name])
            return own.filter(**{column: pk}), f"{name}={pk}"
    return own, ""


def choices(own: ReflectionQuerySet) -> list[Choice]:
    """Those that show something; nothing where there is only one way to look. Two queries, one without experiments."""
    rows = own.order_by().values("experiment").annotate(number=Count("pk"), shared=Count("pk", filter=IS_SHARED))
    numbers: dict[UUID | None, int] = {row["experiment"]: row["number"] for row in rows}
    found = [Choice("", sum(numbers.values()), _("Everything"))]
    if shared := sum(row["shared"] for row in rows):
        found.append(Choice(SHARED, shared, _("What I share")))
    if any(numbers):
        found += _by_question(_experiments(numbers), numbers)
    return found if len(found) > 1 else []


def about(reflection: Reflection, ways: Iterable[Choice]) -> str:
    """The name of the experiment it belongs to, if it does."""
    query = f"{EXPERIMENT}={reflection.experiment_id}"
    return next((one.name for one in ways if one.query == query), "")


def _experiments(numbers: Iterable[UUID | None]) -> Iterable[Experiment]:
    related = ("project", "enrolment__person__key")
    return Experiment.objects.filter(pk__in=[pk for pk in numbers if pk]).select_related(*related)


def _by_question(experiments: Iterable[Experiment], numbers: Mapping[UUID | None, int]) -> list[Choice]:
    """Each question with what was tried for it, the latest first."""
    found: dict[UUID, list[Choice]] = {}
    questions = {}
    for one in sorted(experiments, key=lambda one: one.created_at, reverse=True):
        try:
            questions[one.project_id] = _name_of_question(one)
            tried = Choice(f"{EXPERIMENT}={one.pk}", numbers[one.pk], _name(one), is_inside=True)
        except sealing.KeyDestroyedError:
            continue
        found.setdefault(one.project_id, []).append(tried)
    return [
        choice
        for pk, tried in found.items()
        for choice in (Choice(f"{QUESTION}={pk}", sum(one.number for one in tried), questions[pk]), *tried)
    ]


def _name_of_question(experiment: Experiment) -> str:
    experiment.project.enrolment = experiment.enrolment
    return texts_of(experiment.project).get("title", "") or _("A question")


def _name(experiment: Experiment) -> str:
    title = texts_of(experiment).get("title", "") or _("An idea without a name")
    if experiment.iteration == 1:
        return title
    return f"{title} · {_('try %(number)s') % {'number': experiment.iteration}}"


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as no_id:
        raise Http404 from no_id
