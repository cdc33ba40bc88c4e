"""The author's desk: one tree, both languages side by side. Others read versions (`lessons/versions.py`)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, InlinePanel, MultiFieldPanel, ObjectList, TabbedInterface
from wagtail.models import Page

from lessons.models.children import WEEK, row, titles
from lessons.models.fields import KeyField, PartField
from lessons.page_forms import TwoLanguagesForm
from lessons.shape import TrackKind
from lessons.words import Data, lines, text


class Authored(Page):
    """What every page of a programme has. Never served to the public: participants read versions."""

    # Digest of the Danish the English was last confirmed against, and of the English as it was then.
    english_of = models.CharField(max_length=64, blank=True, editable=False)
    english_was = models.CharField(max_length=64, blank=True, editable=False)
    # Digest of this page's part of the folder at the last load: how the loader knows an author's work from its own.
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    base_form_class = TwoLanguagesForm
    settings_panels: list[Any] = []
    promote_panels: list[Any] = []

    class Meta(Page.Meta):
        abstract = True

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Raises Http404, always."""
        raise Http404

    def clean(self) -> None:
        """Raises ValidationError where another page of this programme has the key already."""
        super().clean()
        if self.depth and self.same_kind_here().filter(key=self.key).exclude(pk=self.pk).exists():
            raise ValidationError({"key": _("Another page of this programme has this key already.")})

    def same_kind_here(self) -> Any:
        """All pages of this kind in the same programme."""
        root = self.path[: Page.steplen * PROGRAMME_DEPTH]
        return type(self).objects.filter(path__startswith=root)


PROGRAMME_DEPTH = 2


class ProgrammePage(Authored):
    """A programme: what holds for all of it."""

    key = KeyField(unique=True)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    subtitle_da = models.CharField(_("subtitle"), max_length=200, blank=True)
    subtitle_en = models.CharField(_("subtitle in English"), max_length=200, blank=True)
    summary_da = models.TextField(_("summary"), blank=True)
    summary_en = models.TextField(_("summary in English"), blank=True)
    number = models.CharField(_("version number"), max_length=20, default="1.0")
    length_weeks = models.PositiveSmallIntegerField(
        _("length in weeks"), default=40, validators=[MinValueValidator(1), MaxValueValidator(104)]
    )
    timezone = models.CharField(_("time zone"), max_length=64, default="Europe/Copenhagen")
    default_language = models.CharField(_("first language"), max_length=2, default="da")
    example_start = models.DateField(_("example start"), help_text=_("A Monday. The calendar is shown as from here."))
    nominal_start = PartField(_("usual start"), part="nominal_start")
    languages = PartField(_("languages"), part="languages")
    capacity = PartField(_("size of a cohort"), part="capacity")
    workload_hours = PartField(_("hours of work"), part="workload_hours")
    calendar = PartField(_("calendar"), part="calendar")
    focus_areas = PartField(_("focus areas"), part="focus_areas")
    experiment_rounds = PartField(_("rounds of experiments"), part="experiment_rounds")
    group_meeting_agenda = PartField(_("agenda of a group meeting"), part="group_meeting_agenda")
    reflection_models = PartField(_("reflection models"), part="reflection_models")
    assessment = PartField(_("competence wheel"), part="assessment")
    interview_guide = PartField(_("interview guide"), part="interview_guide")
    sponsor_conversations = PartField(_("conversations with the line manager"), part="sponsor_conversations")
    team_leader_edition = PartField(_("edition for team leaders"), part="team_leader_edition")
    praksishack = PartField(_("practice hack"), part="praksishack")

    PLAIN = ("key", "number", "length_weeks", "timezone", "default_language")
    PARTS = (
        "nominal_start",
        "languages",
        "capacity",
        "workload_hours",
        "calendar",
        "focus_areas",
        "experiment_rounds",
        "group_meeting_agenda",
        "reflection_models",
        "assessment",
        "interview_guide",
        "sponsor_conversations",
        "team_leader_edition",
        "praksishack",
    )
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["lessons.TrackPage"]
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    titles(),
                    row("subtitle_da", "subtitle_en"),
                    row("summary_da", "summary_en"),
                    FieldPanel("english_still_fits"),
                    row("key", "number", "length_weeks", "example_start"),
                ],
                heading=_("Programme"),
            ),
            ObjectList(
                [
                    InlinePanel("workshops", label=_("Workshop")),
                    InlinePanel("group_meetings", label=_("Group meeting")),
                ],
                heading=_("Workshops and meetings"),
            ),
            ObjectList([InlinePanel("prompts", label=_("Prompt"))], heading=_("Prompts and reminders")),
            ObjectList(
                [
                    InlinePanel("exercises", label=_("Exercise")),
                    InlinePanel("artefacts", label=_("Deliverable")),
                    InlinePanel("surveys", label=_("Survey")),
                ],
                heading=_("Templates"),
            ),
            ObjectList([*(FieldPanel(name) for name in PARTS), row("timezone", "slug")], heading=_("More parts")),
        ]
    )

    class Meta(Authored.Meta):
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")

    def data(self) -> Data:
        """Its own part of the programme in the shape's layout: no tracks, and only its own prompts and exercises."""
        own = {name: getattr(self, name) for name in self.PLAIN}
        own |= {name: getattr(self, name) for name in self.PARTS if getattr(self, name) is not None}
        own |= {"title": text(self.title, self.title_en), "subtitle": text(self.subtitle_da, self.subtitle_en)}
        own |= {"summary": text(self.summary_da, self.summary_en), "example_start": self.example_start.isoformat()}
        children = ("workshops", "group_meetings", "prompts", "exercises", "artefacts", "surveys")
        return own | {name: [child.data() for child in getattr(self, name).all()] for name in children}


class TrackPage(Authored):
    """One of exactly three tracks."""

    key = KeyField()
    kind = models.CharField(
        _("kind"),
        max_length=30,
        choices=[
            (TrackKind.COMPETENCE.value, _("competence development")),
            (TrackKind.ACTION.value, _("action learning and link to practice")),
            (TrackKind.SUPPORT.value, _("organisational support")),
        ],
    )
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    short_da = models.CharField(_("one-word name"), max_length=30)
    short_en = models.CharField(_("one-word name in English"), max_length=30, blank=True)
    aim_da = models.TextField(_("aim"))
    aim_en = models.TextField(_("aim in English"), blank=True)

    parent_page_types = ["lessons.ProgrammePage"]
    subpage_types = ["lessons.ModulePage"]
    content_panels = [
        titles(),
        row("short_da", "short_en"),
        row("aim_da", "aim_en"),
        FieldPanel("english_still_fits"),
        row("kind", "key", "slug"),
    ]
    edit_handler = ObjectList(content_panels)

    class Meta(Authored.Meta):
        verbose_name = _("track")
        verbose_name_plural = _("tracks")

    @classmethod
    def can_create_at(cls, parent: Page) -> bool:
        """Only while one of the three kinds is missing."""
        return bool(super().can_create_at(parent)) and parent.get_children().count() < len(TrackKind)

    def clean(self) -> None:
        """Raises ValidationError for a second track of the same kind."""
        super().clean()
        if self.depth and self.same_kind_here().filter(kind=self.kind).exclude(pk=self.pk).exists():
            raise ValidationError({"kind": _("The programme has a track of this kind already.")})

    def data(self) -> Data:
        """Its own part of the programme in the shape's layout."""
        words = {"title": text(self.title, self.title_en), "short": text(self.short_da, self.short_en)}
        return {"key": self.key, "kind": self.kind, **words, "aim": text(self.aim_da, self.aim_en)}


class ModulePage(Authored):
    """Some weeks of a track."""

    key = KeyField()
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    focus_area = KeyField(verbose_name=_("focus area"))
    open_week = models.PositiveSmallIntegerField(_("opens in week"), validators=WEEK)
    close_week = models.PositiveSmallIntegerField(
        _("closes after week"),
        validators=WEEK,
        help_text=_("Whole weeks from the start. It stays readable afterwards."),
    )

    parent_page_types = ["lessons.TrackPage"]
    subpage_types = ["lessons.LessonPage"]
    content_panels = [
        titles(),
        FieldPanel("english_still_fits"),
        row("open_week", "close_week", "focus_area"),
        row("key", "slug"),
    ]
    edit_handler = ObjectList(content_panels)

    class Meta(Authored.Meta):
        verbose_name = _("module")
        verbose_name_plural = _("modules")

    def clean(self) -> None:
        """Raises ValidationError where it would close before it opens."""
        super().clean()
        if self.open_week is not None and self.close_week is not None and self.close_week < self.open_week:
            raise ValidationError({"close_week": _("It ends before it starts.")})

    def data(self) -> Data:
        """Its own part of the programme in the shape's layout."""
        own = {name: getattr(self, name) for name in ("key", "focus_area", "open_week", "close_week")}
        return own | {"title": text(self.title, self.title_en)}


class LessonPage(Authored):
    """One thing to read, with its exercises and prompts."""

    key = KeyField()
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)
    focus_area = KeyField(verbose_name=_("focus area"))
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=20, validators=[MinValueValidator(5), MaxValueValidator(90)]
    )
    aims_da = models.TextField(_("aims"), help_text=_("One to five, one to a line."))
    aims_en = models.TextField(_("aims in English"), blank=True, help_text=_("One to five, one to a line."))
    body_da = models.TextField(_("text"), help_text=_("Markdown. A paragraph that begins **Prøv det:** becomes a box."))
    body_en = models.TextField(_("text in English"), blank=True)
    short_da = models.TextField(
        _("the three minutes"),
        blank=True,
        help_text=_("What to take along, for somebody with three minutes, and one thing to do at once. Markdown."),
    )
    short_en = models.TextField(_("the three minutes in English"), blank=True)

    parent_page_types = ["lessons.ModulePage"]
    subpage_types: list[str] = []
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    titles(),
                    row("aims_da", "aims_en"),
                    row("body_da", "body_en"),
                    row("short_da", "short_en"),
                    FieldPanel("english_still_fits"),
                    MultiFieldPanel([row("minutes", "focus_area"), row("key", "slug")], heading=_("About the lesson")),
                ],
                heading=_("Lesson"),
            ),
            ObjectList([InlinePanel("exercises", label=_("Exercise"))], heading=_("Exercises")),
            ObjectList([InlinePanel("prompts", label=_("Prompt"))], heading=_("Prompts")),
        ]
    )
    template = "lessons/preview.html"
    preview_modes = [("da", _("Danish")), ("en", _("English"))]

    class Meta(Authored.Meta):
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    def data(self) -> Data:
        """The lesson in the shape's layout; its prompts and exercises by key, in their order here."""
        own = {name: getattr(self, name) for name in ("key", "slug", "focus_area", "minutes")}
        own |= {"title": text(self.title, self.title_en), "aims": lines(self.aims_da, self.aims_en)}
        own |= {"body": text(self.body_da.strip("\n"), self.body_en.strip("\n"))}
        if self.short_da.strip():
            own |= {"short": text(self.short_da.strip("\n"), self.short_en.strip("\n"))}
        return own | {name: [child.key for child in getattr(self, name).all()] for name in ("prompts", "exercises")}

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Rendered here and now, while the language of the preview is the active one."""
        with translation.override(mode_name or "da"):
            response: TemplateResponse = super().serve_preview(request, mode_name)
            return response.render()

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> Data:
        """What the participant's page gives the same partial, from this draft."""
        from lessons.pages import preview_context

        return {**super().get_preview_context(request, mode_name), **preview_context(self, mode_name or "da")}
