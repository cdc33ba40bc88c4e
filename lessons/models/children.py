"""What belongs to a page and has a key of its own. `data()` and `columns_of()` are a pure pair with the shape."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, TitleFieldPanel
from wagtail.models import Orderable

from lessons import shape
from lessons.models.fields import KeyField, PartField
from lessons.words import Data, columns, lines, split, text

WEEK = [MinValueValidator(0), MaxValueValidator(200)]
OFFSET = [MinValueValidator(-60), MaxValueValidator(200)]
MINUTES = [MinValueValidator(1), MaxValueValidator(480)]


def row(*names: str) -> FieldRowPanel:
    """Fields side by side: Danish left, English right."""
    return FieldRowPanel([FieldPanel(name) for name in names])


def titles() -> FieldRowPanel:
    """A page's two titles; the address follows the Danish one while the page is new."""
    return FieldRowPanel([TitleFieldPanel("title", classname="", help_text=_("In Danish.")), FieldPanel("title_en")])


class Child(Orderable):
    """An inline child with a stable key."""

    key = KeyField()

    class Meta(Orderable.Meta):
        abstract = True

    def __str__(self) -> str:
        return str(self.key)


class Titled(Child):
    title_da = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("title in English"), max_length=120, blank=True)

    class Meta(Child.Meta):
        abstract = True

    def __str__(self) -> str:
        return str(self.title_da)

    def title_data(self) -> Data:
        return text(self.title_da, self.title_en)


class Workshop(Titled):
    """A day for the whole cohort."""

    page = ParentalKey("lessons.ProgrammePage", related_name="workshops", on_delete=models.CASCADE)
    week = models.PositiveSmallIntegerField(_("week"), validators=WEEK, help_text=_("Whole weeks from the start."))
    weekday = models.CharField(
        _("weekday"),
        max_length=3,
        choices=[
            ("mon", _("Monday")),
            ("tue", _("Tuesday")),
            ("wed", _("Wednesday")),
            ("thu", _("Thursday")),
            ("fri", _("Friday")),
        ],
    )
    start = models.TimeField(_("starts"))
    end = models.TimeField(_("ends"))
    format = models.CharField(
        _("format"),
        max_length=12,
        choices=[("workshop", _("workshop")), ("praksishack", _("practice hack"))],
        default="workshop",
    )
    aims_da = models.TextField(_("aims"), help_text=_("One to a line."))
    aims_en = models.TextField(_("aims in English"), blank=True, help_text=_("One to a line."))

    panels = [
        row("key", "format"),
        row("title_da", "title_en"),
        row("week", "weekday", "start", "end"),
        row("aims_da", "aims_en"),
    ]

    def data(self) -> Data:
        """As the shape has it."""
        own = {name: getattr(self, name) for name in ("key", "week", "weekday", "format")}
        times = {"start": self.start.isoformat(), "end": self.end.isoformat()}
        return own | times | {"title": self.title_data(), "aims": lines(self.aims_da, self.aims_en)}

    @staticmethod
    def columns_of(value: shape.Workshop) -> Data:
        own = {name: getattr(value, name) for name in ("key", "week", "start", "end", "format")}
        return own | {"weekday": str(value.weekday)} | columns("title", value.title) | columns("aims", value.aims)


class GroupMeeting(Child):
    """A meeting of each learning group, some day in its week."""

    page = ParentalKey("lessons.ProgrammePage", related_name="group_meetings", on_delete=models.CASCADE)
    week = models.PositiveSmallIntegerField(_("week"), validators=WEEK, help_text=_("Whole weeks from the start."))
    theme_da = models.CharField(_("theme"), max_length=200)
    theme_en = models.CharField(_("theme in English"), max_length=200, blank=True)

    panels = [row("key", "week"), row("theme_da", "theme_en")]

    def data(self) -> Data:
        """As the shape has it."""
        return {"key": self.key, "week": self.week, "theme": text(self.theme_da, self.theme_en)}

    @staticmethod
    def columns_of(value: shape.GroupMeeting) -> Data:
        return {"key": value.key, "week": value.week} | columns("theme", value.theme)


class ExerciseFields(Titled):
    minutes = models.PositiveSmallIntegerField(_("minutes"), validators=MINUTES)
    steps_da = models.TextField(_("steps"), help_text=_("One to a line."))
    steps_en = models.TextField(_("steps in English"), blank=True, help_text=_("One to a line."))

    panels = [row("key", "minutes"), row("title_da", "title_en"), row("steps_da", "steps_en")]

    class Meta(Titled.Meta):
        abstract = True

    def data(self) -> Data:
        """As the shape has it."""
        steps = lines(self.steps_da, self.steps_en)
        return {"key": self.key, "title": self.title_data(), "minutes": self.minutes, "steps": steps}

    @staticmethod
    def columns_of(value: shape.Exercise) -> Data:
        own = {"key": value.key, "minutes": value.minutes}
        return own | columns("title", value.title) | columns("steps", value.steps)


class PromptFields(Child):
    """A question or a nudge, and the rule for when it goes out."""

    message_class = models.CharField(
        _("kind"),
        max_length=12,
        choices=[
            ("prompt", _("prompt: a question to reflect on")),
            ("reminder", _("reminder: before an event")),
            ("survey", _("survey")),
            ("conversation", _("conversation with the line manager")),
        ],
        default="prompt",
    )
    anchor = models.CharField(
        _("counted from"),
        max_length=80,
        help_text=_("programme_start, programme_end, module_open:ID, workshop:ID, group_meeting:*, experiment_due:*"),
    )
    offset_days = models.SmallIntegerField(_("days after"), null=True, blank=True, validators=OFFSET)
    offset_workdays = models.SmallIntegerField(_("working days after"), null=True, blank=True, validators=OFFSET)
    audience = models.CharField(
        _("goes to"),
        max_length=20,
        choices=[
            ("participant", _("participants")),
            ("participant+sponsor", _("participants and their line managers")),
        ],
        default="participant",
    )
    text_da = models.TextField(_("text"))
    text_en = models.TextField(_("text in English"), blank=True)
    opens = models.CharField(
        _("opens"), max_length=80, blank=True, help_text=_("survey:ID, assessment:WHEN, sponsor:WHEN")
    )
    reflection_model = models.CharField(_("reflection model"), max_length=64, default="free")
    remind_after_workdays = models.PositiveSmallIntegerField(
        _("ask once more after"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text=_("Working days; empty means never."),
    )
    late = models.CharField(
        _("for somebody who joins later"),
        max_length=8,
        choices=[("skip", _("leave it out")), ("catch_up", _("ask it in the welcome"))],
        default="skip",
    )
    allow_in_break = models.BooleanField(_("may go out in a school break"), default=False)

    panels = [
        row("text_da", "text_en"),
        row("anchor", "offset_days", "offset_workdays"),
        row("message_class", "audience"),
        row("reflection_model", "opens"),
        row("remind_after_workdays", "late", "allow_in_break"),
        FieldPanel("key"),
    ]
    SAME = ("key", "anchor", "audience", "opens", "reflection_model", "remind_after_workdays", "late", "allow_in_break")

    class Meta(Child.Meta):
        abstract = True

    def data(self) -> Data:
        """As the shape has it."""
        own = {name: getattr(self, name) for name in (*self.SAME, "message_class")}
        offset = {"days": self.offset_days, "workdays": self.offset_workdays}
        return own | {"offset": offset, "text": text(self.text_da, self.text_en)}

    @staticmethod
    def columns_of(value: shape.Prompt) -> Data:
        own = {name: getattr(value, name) for name in PromptFields.SAME}
        own |= {"offset_days": value.offset.days, "offset_workdays": value.offset.workdays}
        return own | {"message_class": str(value.message_class)} | columns("text", value.text)


class ProgrammePrompt(PromptFields):
    page = ParentalKey("lessons.ProgrammePage", related_name="prompts", on_delete=models.CASCADE)


class LessonPrompt(PromptFields):
    page = ParentalKey("lessons.LessonPage", related_name="prompts", on_delete=models.CASCADE)


class ProgrammeExercise(ExerciseFields):
    page = ParentalKey("lessons.ProgrammePage", related_name="exercises", on_delete=models.CASCADE)


class LessonExercise(ExerciseFields):
    page = ParentalKey("lessons.LessonPage", related_name="exercises", on_delete=models.CASCADE)


class ArtefactTemplate(Titled):
    """What a deliverable of the organisational track should hold."""

    page = ParentalKey("lessons.ProgrammePage", related_name="artefacts", on_delete=models.CASCADE)
    module = KeyField(verbose_name=_("module"))
    owner_function_da = models.CharField(_("owned by"), max_length=200)
    owner_function_en = models.CharField(_("owned by, in English"), max_length=200, blank=True)
    review_months = models.PositiveSmallIntegerField(_("months between reviews"), null=True, blank=True)
    fields = models.TextField(_("fields"), help_text=_("One to a line."))
    confidential_to_pair = models.BooleanField(_("only for a participant and their line manager"), default=False)

    panels = [
        row("key", "module", "review_months"),
        row("title_da", "title_en"),
        row("owner_function_da", "owner_function_en"),
        row("fields", "confidential_to_pair"),
    ]

    def data(self) -> Data:
        """As the shape has it."""
        own = {name: getattr(self, name) for name in ("key", "module", "review_months", "confidential_to_pair")}
        owner = text(self.owner_function_da, self.owner_function_en)
        return own | {"title": self.title_data(), "owner_function": owner, "fields": split(self.fields)}

    @staticmethod
    def columns_of(value: shape.Artefact) -> Data:
        own = {name: getattr(value, name) for name in ("key", "module", "review_months", "confidential_to_pair")}
        own |= columns("title", value.title) | columns("owner_function", value.owner_function)
        return own | {"fields": "\n".join(value.fields)}


class SurveyTemplate(Titled):
    """A survey: its scale and its items, written as in the folder."""

    page = ParentalKey("lessons.ProgrammePage", related_name="surveys", on_delete=models.CASCADE)
    anonymous = models.BooleanField(_("anonymous"), default=True)
    min_group_for_report = models.PositiveSmallIntegerField(
        _("fewest answers shown"), default=5, validators=[MinValueValidator(5)]
    )
    scale = PartField(_("scale"), part="scale", blank=False, null=False)
    items = PartField(_("items"), part="items", blank=False, null=False)

    panels = [
        row("key", "anonymous", "min_group_for_report"),
        row("title_da", "title_en"),
        FieldPanel("scale"),
        FieldPanel("items"),
    ]

    def data(self) -> Data:
        """As the shape has it."""
        own = {name: getattr(self, name) for name in ("key", "anonymous", "min_group_for_report", "scale", "items")}
        return own | {"title": self.title_data()}

    @staticmethod
    def columns_of(value: shape.Survey) -> Data:
        own = {name: getattr(value, name) for name in ("key", "anonymous", "min_group_for_report")}
        dumped = value.model_dump(mode="json")
        return own | columns("title", value.title) | {"scale": dumped["scale"], "items": dumped["items"]}
