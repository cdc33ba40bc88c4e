"""Who can read an entry, as one sentence that never says less than the truth; and what its author is called."""

from django.utils.translation import gettext as _

from courseplatform.cohorts.models import Enrolment
from courseplatform.journal.models import Insight, Reflection
from courseplatform.people.models import User

Visibility = Reflection.Visibility


def sentences() -> dict[str, str]:
    """Level → the sentence that stands beside the field."""
    return {
        Visibility.PRIVATE: _("Only you can read this."),
        Visibility.GROUP: _("Your learning group can read this."),
        Visibility.FACILITATOR: _("Your learning group and its facilitator can read this."),
        Visibility.COHORT: _("Everybody on the cohort and your group's facilitator can read this."),
    }


def readers_of(reflection: Reflection | None) -> str:
    """The sentence for an entry as it stands; one that is not begun yet is private."""
    return sentences()[reflection.visibility if reflection else Visibility.PRIVATE]


def name_of_author(text: Reflection | Insight) -> str:
    """For others: the author's name, until they leave (MODEL §9)."""
    return name_of_writer(text.author, text.enrolment)


def name_of_writer(person: User, enrolment: Enrolment | None) -> str:
    """The same for who wrote as a participant, or without an enrolment as a facilitator."""
    takes_part = enrolment is None or enrolment.state in Enrolment.TAKING_PART
    return person.display_name if takes_part and person.is_active else _("A former participant")
