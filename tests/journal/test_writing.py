"""Writing, sharing and taking back, without pages."""

from datetime import timedelta
from uuid import uuid4

import pytest

from courseplatform.insights.ledger.reading import shown
from courseplatform.journal.models import Reflection, ReflectionRevision
from courseplatform.journal.reflections import entries, writing
from courseplatform.journal.reflections.writing import LONGEST_FIELD, StaleError
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.planner import plan
from courseplatform.people.privacy.sealing import SealBrokenError
from courseplatform.people.refusals import Refusal
from tests.factories import MessageFactory
from tests.journal.conftest import NOW

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
CPR = "Fru Hansen, 010190-1234, ringede."


@pytest.fixture
def begin(author):
    def begin(message=None, *, pk=None, prompt_key=""):
        return writing.begin(
            author, pk=pk or uuid4(), message=message, prompt_key=prompt_key, model_key="free", on=NOW.date()
        )

    return begin


def save(reflection, text, *, now=NOW, **more):
    edition = more.pop("edition", reflection.edition)
    writing.save(reflection, {"text": text}, edition=edition, now=now, **more)


def text_of(reflection):
    return entries.fields_of(Reflection.objects.get(pk=reflection.pk))["text"]


class TestSaving:
    def test_a_saved_text_is_read_back_as_it_was_meant(self, begin):
        reflection = begin()
        save(reflection, " Æ\r\nø\x00å ")

        assert text_of(reflection) == "Æ\nøå"

    def test_saving_answers_the_question_and_calls_its_follow_up_off(self, begin, message):
        second = message.occurrence_key.removesuffix(":0") + ":1"
        follow_up = MessageFactory(enrolment=message.enrolment, occurrence_key=second, is_follow_up=True)

        save(begin(Message.objects.get(pk=message.pk)), "Svar")

        message.refresh_from_db()
        follow_up.refresh_from_db()
        assert message.answered_at == NOW
        assert (follow_up.state, follow_up.reason) == ("suppressed", "answered")

    def test_an_answer_in_the_lesson_before_the_mail_was_due_is_the_end_of_that_mail(self, begin):
        entry = begin(prompt_key="p-a2-team")
        save(entry, "Svar")
        (row,) = Message.objects.all()
        assert (row.template, row.state, row.reason) == ("p-a2-team", "suppressed", "answered")
        assert row.due_at > NOW
        save(entry, "Et længere svar")
        plan(row.due_at - timedelta(days=6))
        about_it = Message.objects.filter(template="p-a2-team")
        assert list(about_it.values_list("pk", "state", "reason")) == [(row.pk, "suppressed", "answered")]

    def test_what_waits_is_called_off_by_an_answer_in_the_lesson(self, begin, author):
        plan(NOW + timedelta(days=14))
        waiting = Message.objects.get(template="p-a2-team", is_follow_up=False)
        assert waiting.state == "due"
        save(begin(prompt_key="p-a2-team"), "Svar")
        waiting.refresh_from_db()
        assert (waiting.state, waiting.reason, waiting.answered_at) == ("suppressed", "answered", NOW)

    def test_an_answer_to_what_no_mail_asks_makes_no_row(self, begin):
        save(begin(prompt_key="p-a1-courage"), "Svar")  # its day is over
        assert not Message.objects.exists()

    def test_hr_sees_no_row_of_it_before_the_others_have_theirs(self, begin, cohort):
        save(begin(prompt_key="p-a2-team"), "Svar")
        assert not shown(cohort, NOW).exists()

    def test_an_answer_in_the_lesson_answers_the_mail_about_it(self, begin, message):
        save(begin(prompt_key=message.template), "Svar")

        message.refresh_from_db()
        assert message.answered_at == NOW

    def test_a_note_of_ones_own_answers_nothing(self, begin, message):
        save(begin(), "Noget andet")

        message.refresh_from_db()
        assert message.answered_at is None

    def test_the_question_stays_answered_when_the_answer_is_deleted(self, begin, message):
        reflection = begin(message)
        save(reflection, "Svar")
        writing.delete(reflection, LATER)

        message.refresh_from_db()
        assert message.answered_at == NOW

    @pytest.mark.parametrize("text", ["", "  \n\t "])
    def test_an_empty_entry_is_refused_kindly(self, begin, text):
        with pytest.raises(Refusal, match="Én er nok"):
            save(begin(), text)

    def test_the_longest_text_is_counted_in_characters_that_a_reader_sees(self, begin):
        save(begin(), "👩🏽‍🚒" * LONGEST_FIELD)

        with pytest.raises(Refusal, match="2 tegn for lang"):
            save(begin(), "👩🏽‍🚒" * (LONGEST_FIELD + 2))

    def test_two_links_in_one_mail_begin_one_entry(self, begin, message):
        assert begin(message) == begin(message)
        assert Reflection.objects.count() == 1

    def test_an_entry_cannot_be_begun_in_the_name_of_anothers(self, begin, peer, written):
        others = written(by=peer)

        with pytest.raises(Reflection.DoesNotExist):
            begin(pk=others.pk)


class TestHistory:
    def test_what_it_said_before_stays_for_the_author(self, begin):
        reflection = begin()
        save(reflection, "først")
        save(reflection, "siden", now=LATER)

        assert [entries.earlier(one)["text"] for one in reflection.revisions.all()] == ["først"]
        assert text_of(reflection) == "siden"

    def test_saving_the_same_again_makes_no_history(self, begin):
        reflection = begin()
        save(reflection, "først")
        save(reflection, "først", now=LATER)

        assert ReflectionRevision.objects.count() == 0

    def test_while_a_saved_entry_is_edited_others_read_what_was_saved(self, begin):
        reflection = begin()
        save(reflection, "færdig")
        writing.keep_draft(reflection, {"text": "halv"}, edition=reflection.edition)

        assert text_of(reflection) == "færdig"
        assert entries.draft_of(reflection)["text"] == "halv"


class TestSealedForItsPlace:
    @pytest.fixture
    def edited(self, begin):
        """Saved twice, and an edit begun."""
        reflection = begin()
        save(reflection, "først")
        save(reflection, "siden", now=LATER)
        writing.keep_draft(reflection, {"text": "halv"}, edition=reflection.edition)
        return reflection

    @pytest.mark.parametrize("of", ["draft", "revision"])
    def test_neither_an_earlier_wording_nor_an_unfinished_one_opens_as_the_entry(self, of, edited):
        edited.sealed = edited.sealed_draft if of == "draft" else edited.revisions.get().sealed

        with pytest.raises(SealBrokenError):
            entries.fields_of(edited)

    def test_what_stands_and_what_stood_do_not_open_as_an_edit(self, edited):
        for sealed in (edited.sealed, edited.revisions.get().sealed):
            edited.sealed_draft = sealed
            with pytest.raises(SealBrokenError):
                entries.draft_of(edited)

    def test_an_earlier_wording_opens_at_its_own_moment_alone(self, edited):
        save(edited, "sidst", now=LATER + timedelta(hours=1))
        newer, older = edited.revisions.all()
        newer.sealed = older.sealed

        assert entries.earlier(older)["text"] == "først"
        with pytest.raises(SealBrokenError):
            entries.earlier(newer)


class TestTwoDevices:
    def test_a_stale_text_is_refused_and_changes_nothing(self, begin):
        reflection = begin()
        save(reflection, "på telefonen")

        with pytest.raises(StaleError):
            save(Reflection.objects.get(pk=reflection.pk), "på computeren", edition=0)
        assert text_of(reflection) == "på telefonen"
        assert ReflectionRevision.objects.count() == 0

    def test_a_stale_draft_is_refused_too(self, begin):
        reflection = begin()
        writing.keep_draft(reflection, {"text": "på telefonen"}, edition=0)

        with pytest.raises(StaleError):
            writing.keep_draft(reflection, {"text": "på computeren"}, edition=0)
        assert entries.draft_of(reflection)["text"] == "på telefonen"

    def test_the_same_text_twice_is_no_conflict(self, begin):
        reflection = begin()
        writing.keep_draft(reflection, {"text": "ens"}, edition=0)

        save(reflection, "ens", edition=0)

        assert reflection.state == "saved"

    def test_what_is_put_aside_stays_for_the_author_once(self, begin):
        reflection = begin()
        writing.keep_draft(reflection, {"text": "på telefonen"}, edition=0)
        for now in (NOW, LATER):
            writing.keep_aside(reflection, {"text": " på computeren "}, now)
        writing.keep_aside(reflection, {"text": " "}, LATER)

        assert [entries.earlier(one)["text"] for one in reflection.revisions.all()] == ["på computeren"]
        assert text_of(reflection) == "på telefonen"

    def test_a_draft_that_comes_twice_is_kept_once(self, begin):
        reflection = begin()
        for _again in range(2):
            writing.keep_draft(reflection, {"text": "på telefonen"}, edition=0)

        assert entries.draft_of(reflection) == {"text": "på telefonen"}


class TestSharing:
    def test_sharing_says_when_and_taking_back_forgets_it(self, written):
        reflection = written(level="group")
        assert (reflection.visibility, reflection.shared_at) == ("group", NOW)

        writing.take_back(reflection)
        assert (reflection.visibility, reflection.shared_at) == ("private", None)

    def test_a_draft_is_not_shared(self, begin):
        reflection = begin()
        writing.keep_draft(reflection, {"text": "halv"}, edition=0)

        with pytest.raises(Refusal):
            writing.share(reflection, "group", NOW)

    @pytest.mark.parametrize("level", ["", "organisation", "everybody"])
    def test_an_unknown_level_is_refused(self, written, level):
        reflection = written()

        with pytest.raises(Refusal):
            writing.share(reflection, level, NOW)
        assert Reflection.objects.get().visibility == "private"

    def test_an_edit_keeps_the_readers(self, written):
        reflection = written(level="group")
        save(reflection, "rettet", now=LATER)

        assert (reflection.visibility, reflection.shared_at) == ("group", NOW)

    def test_a_page_opened_before_it_was_taken_back_does_not_share_it_again(self, written):
        reflection = written(level="group")
        opened_before = Reflection.objects.get(pk=reflection.pk)
        writing.take_back(reflection)

        save(opened_before, "rettet", edition=reflection.edition)

        assert Reflection.objects.get().visibility == "private"

    def test_a_text_changed_since_it_was_looked_at_is_not_shared_unseen(self, written):
        reflection = written()
        looked_at = Reflection.objects.get(pk=reflection.pk)
        save(reflection, CPR)

        with pytest.raises(StaleError):
            writing.share(looked_at, "cohort", NOW)
        assert Reflection.objects.get().visibility == "private"

    def test_a_text_saved_while_it_is_being_shared_is_looked_at_again(self, written):
        reflection = written()
        opened_before = Reflection.objects.get(pk=reflection.pk)
        writing.share(reflection, "group", NOW)

        with pytest.raises(Refusal, match="CPR"):
            save(opened_before, CPR, edition=reflection.edition)


class TestCprNumbers:
    def test_for_oneself_alone_it_is_kept(self, begin):
        reflection = begin()
        save(reflection, CPR)

        assert text_of(reflection) == CPR

    @pytest.mark.parametrize("level", ["group", "facilitator", "cohort"])
    def test_it_is_never_shared(self, written, level):
        reflection = written(CPR)

        with pytest.raises(Refusal, match="CPR"):
            writing.share(reflection, level, NOW)
        with pytest.raises(Refusal, match="CPR"):
            save(reflection, CPR + "!", visibility=level)
        assert Reflection.objects.get().visibility == "private"

    def test_it_is_not_written_into_what_is_shared(self, written):
        reflection = written("uden numre", level="group")

        with pytest.raises(Refusal, match="CPR"):
            save(reflection, CPR)
        assert text_of(reflection) == "uden numre"


class TestDeleting:
    def test_it_is_erased_for_good_after_thirty_days_with_its_history(self, written):
        reflection, other = written("slettes"), written("bliver")
        save(reflection, "slettes også")
        writing.delete(reflection, NOW)

        assert writing.erase_deleted(NOW + timedelta(days=30, seconds=-1)) == 0
        assert writing.erase_deleted(NOW + timedelta(days=30)) == 1
        assert [one.pk for one in Reflection.objects.all()] == [other.pk]
        assert ReflectionRevision.objects.count() == 0

    def test_deleting_twice_keeps_the_first_day(self, written):
        reflection = written()
        writing.delete(reflection, NOW)
        writing.delete(reflection, LATER)

        assert Reflection.objects.get().deleted_at == NOW

    def test_a_deleted_answer_can_be_written_anew(self, written, message):
        writing.delete(written(message=message), NOW)

        assert written("igen", message=message).state == "saved"
