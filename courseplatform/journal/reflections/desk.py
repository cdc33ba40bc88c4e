"""What somebody is writing: whose entry, about which question, in which form."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.utils.translation import get_language

from courseplatform import clock
from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.experiments.thought_through import asked_about
from courseplatform.journal.forms import EntryForm
from courseplatform.journal.models import Experiment, Reflection
from courseplatform.journal.reflections import entries, writing
from courseplatform.journal.reflections.entries import Fields
from courseplatform.outbox.models import Message
from lessons.shape import Programme, Prompt, ReflectionModel

LOG_OF_EXPERIMENTS = "experiment-log"  # where the version has that form


@dataclass
class Desk:
    """An entry that may not have been begun. A post in another form of fields than the entry's brings its own."""

    enrolment: Enrolment
    whole: Programme
    prompt: Prompt | None = None
    message: Message | None = None
    reflection: Reflection | None = None
    experiment: Experiment | None = None  # what it is about; see `experiments`
    fresh_id: UUID = field(default_factory=uuid4)  # what a new entry will be called: sent twice, it is made once
    posted_model: str = ""

    @property
    def question(self) -> tuple[str, str]:
        """The question and its language; ("", "") when nobody asked."""
        return self.prompt.text.read(get_language() or "da") if self.prompt else ("", "")

    @property
    def model(self) -> ReflectionModel:
        """The form it is written in: as posted, as begun, or as the question suggests."""
        begun = self.reflection.model_key if self.reflection else ""
        of_its_own = LOG_OF_EXPERIMENTS if self.experiment else "free"
        suggested = self.prompt.reflection_model if self.prompt else of_its_own
        return entries.model_of(self.whole, self.posted_model or begun or suggested)

    @property
    def visibility(self) -> str:
        return self.reflection.visibility if self.reflection else Reflection.Visibility.PRIVATE

    @property
    def about(self) -> UUID | None:
        """The experiment it belongs to, or will."""
        if self.reflection:
            return self.reflection.experiment_id
        experiment = self.experiment or asked_about(self.message)
        return experiment.pk if experiment else None

    @property
    def is_new(self) -> bool:
        """Not finished once yet."""
        return self.reflection is None or self.reflection.state == Reflection.State.DRAFT

    def begun(self) -> Reflection:
        """The entry, made now if this is the first line of it. Raises Reflection.DoesNotExist as `writing.begin`."""
        if self.reflection is None:
            self.reflection = writing.begin(
                self.enrolment,
                message=self.message,
                prompt_key=self.prompt.key if self.prompt else "",
                model_key=self.model.key,
                experiment=self.experiment,
                pk=self.fresh_id,
                on=clock.today(self.enrolment.person.timezone),
            )
        return self.reflection

    def blank(self) -> EntryForm:
        """The form as it is kept."""
        return self.form_with(entries.draft_of(self.reflection) if self.reflection else {})

    def form_with(self, texts: Fields) -> EntryForm:
        """The form with these texts, on top of the present edition."""
        edition = self.reflection.edition if self.reflection else 0
        initial = EntryForm.initial_for(texts, edition, self.visibility)
        return EntryForm(self.model, initial=initial, question=self.question[0])
