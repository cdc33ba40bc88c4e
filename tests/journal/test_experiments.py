"""Question, plan, trial, ending: the states of MODEL §3, and what the questions about them follow (§13)."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from courseplatform.journal.experiments import observations, plans, projects
from courseplatform.journal.experiments import transitions as experiments
from courseplatform.journal.experiments.sealed_texts import draft_of, texts_of
from courseplatform.journal.models import Experiment, InquiryQuestion, Observation, Project
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.outbox.models import ExperimentDates, PlanningRequest
from courseplatform.people.refusals import Refusal
from tests.journal.conftest import NOW
from tests.journal.trying import PLAN, QUESTION, ask, idea, planned, running

pytestmark = pytest.mark.django_db
CPR = "010190-1234"
LATER = NOW + timedelta(days=10)


def days(experiment):
    kept = ExperimentDates.objects.filter(pk=experiment.pk).first()
    return kept and (kept.round_key, kept.starts_on, kept.due_on)


class TestQuestion:
    def test_a_question_frames_the_project(self, author):
        project = ask(author)

        assert project.state == "framed"
        assert texts_of(projects.question_of(project)) == {"text": QUESTION, "note": ""}

    def test_there_is_one_project_at_a_time(self, author):
        assert projects.begin(author) == projects.begin(author)
        assert Project.objects.count() == 1

    def test_another_wording_keeps_those_before(self, author):
        project = ask(author)
        ask(author, "Hvordan kan jeg få aftenvagten med i planen?", note="Det var ikke alle", now=LATER)

        wordings = [(one.version, one.is_current, texts_of(one)["note"]) for one in project.questions.all()]
        assert wordings == [(2, True, "Det var ikke alle"), (1, False, "")]
        assert texts_of(project.questions.last())["text"] == QUESTION

    def test_the_same_wording_twice_is_one(self, author):
        ask(author)
        ask(author)

        assert InquiryQuestion.objects.count() == 1

    @pytest.mark.parametrize("length", [9, 301])
    def test_a_question_has_10_to_300_characters_as_people_count(self, author, length):
        with pytest.raises(Refusal):
            ask(author, "e\u0301\u0323" * length)
        assert projects.current(author).state == "draft"

    @pytest.mark.parametrize("length", [10, 300])
    def test_its_limits_are_allowed(self, author, length):
        assert ask(author, "👩‍👩‍👧" * length).state == "framed"

    def test_no_cpr_number_in_what_the_group_reads(self, author):
        with pytest.raises(Refusal):
            ask(author, f"Hvordan kan jeg hjælpe {CPR}?")

    def test_a_draft_from_another_page_is_not_written_over(self, author):
        project = projects.begin(author)
        projects.keep_draft(project, {"text": "først"}, edition=0)

        with pytest.raises(StaleError):
            projects.keep_draft(project, {"text": "bagefter"}, edition=0)
        assert draft_of(project) == {"text": "først"}

    def test_it_ends_with_an_answer_once_something_was_tried(self, author):
        project = ask(author)
        with pytest.raises(Refusal):
            projects.conclude(project, "Ved at spørge først", NOW)
        experiments.finish(running(author), LATER)
        project.refresh_from_db()
        projects.conclude(project, "Ved at spørge først", LATER)

        assert (project.state, texts_of(project)["answer"]) == ("concluded", "Ved at spørge først")
        assert projects.current(author) is None

    def test_it_does_not_end_under_a_running_experiment(self, author):
        project = running(author).project
        for end in (projects.conclude, projects.abandon):
            with pytest.raises(Refusal):
                end(project, "Slut", NOW)

    def test_letting_go_needs_a_reason_and_leaves_room_for_another(self, author):
        project = ask(author)
        with pytest.raises(Refusal):
            projects.abandon(project, " ", NOW)
        projects.abandon(project, "Opgaven er flyttet", NOW)

        assert (project.state, texts_of(project)["reason"]) == ("abandoned", "Opgaven er flyttet")
        assert projects.begin(author) != project


class TestSteps:
    def test_the_whole_way(self, author):
        experiment = planned(author)
        experiments.start(experiment, LATER)
        assert Project.objects.get().state == "in_progress"
        experiments.finish(experiment, LATER)

        assert experiment.state == "done"

    FORBIDDEN = [
        ("idea", "start finish stop back_to_idea again"),
        ("planned", "plan finish again discard"),
        ("running", "plan start back_to_idea again discard"),
        ("done", "plan start finish stop back_to_idea discard"),
        ("stopped", "plan start finish stop back_to_idea discard"),
        ("reflected", "plan start finish stop back_to_idea discard"),
    ]

    @pytest.mark.parametrize(("state", "step"), [(state, step) for state, steps in FORBIDDEN for step in steps.split()])
    def test_any_other_step_is_refused_and_changes_nothing(self, author, state, step):
        experiment = planned(author)
        Experiment.objects.update(state=state)
        experiment.refresh_from_db()
        arguments = {"stop": (experiment, "Nok", NOW), "discard": (experiment,)}.get(step, (experiment, NOW))

        with pytest.raises(Refusal) as refused:
            getattr(experiments, step)(*arguments)
        assert Experiment.objects.get().state == state
        if step != "discard":
            assert str(refused.value.state) == str(experiment.get_state_display())

    def test_a_second_tap_on_an_old_page_is_refused(self, author):
        experiment = planned(author)
        stale = Experiment.objects.select_related("enrolment").get()
        experiments.start(experiment, LATER)

        with pytest.raises(Refusal):
            experiments.start(stale, LATER + timedelta(seconds=1))
        assert Experiment.objects.get().started_at == LATER

    @pytest.mark.parametrize("missing", ["title", "if_situation", "then_action", "observe_how"])
    def test_nothing_runs_without_an_if_then_plan(self, author, missing):
        experiment = idea(author, **{missing: ""})
        with pytest.raises(Refusal):
            experiments.plan(experiment, NOW)
        assert [one.field for one in plans.problems_with(experiment, NOW.date())] == [missing]

    @pytest.mark.parametrize(("length", "may"), [(21, True), (22, False), (-1, False)])
    def test_it_lasts_21_days_at_most(self, author, length, may):
        first = date(2026, 11, 2)
        experiment = idea(author, starts_on=first, due_on=first + timedelta(days=length))
        if may:
            experiments.plan(experiment, NOW)
        else:
            with pytest.raises(Refusal):
                experiments.plan(experiment, NOW)
        assert (experiment.state == "planned") is may

    def test_what_concerns_others_is_known_to_somebody(self, author):
        assert plans.problems_with(idea(author, risk_ack=None), NOW.date())[0].field == "risk_ack"
        assert plans.problems_with(idea(author, risk_ack=True, who_knows=""), NOW.date())[0].field == "who_knows"
        assert plans.problems_with(idea(author, risk_ack=False, who_knows=""), NOW.date()) == []

    def test_the_days_are_proposed_from_the_round(self, author):
        experiment = experiments.begin(ask(author), uuid4(), NOW)

        assert (experiment.starts_on, experiment.due_on) == (date(2026, 11, 2), date(2026, 11, 20))

    def test_beginning_an_idea_twice_is_one(self, author):
        project, pk = ask(author), uuid4()
        assert experiments.begin(project, pk, NOW) == experiments.begin(project, pk, NOW)
        assert Experiment.objects.count() == 1

    def test_begun_early_it_counts_from_that_day(self, author):
        experiment = planned(author)
        experiments.start(experiment, NOW)

        assert (experiment.starts_on, experiment.due_on) == (date(2026, 10, 27), date(2026, 11, 17))

    def test_it_does_not_begin_after_its_last_day(self, author):
        with pytest.raises(Refusal):
            experiments.start(planned(author), NOW + timedelta(days=60))

    def test_stopping_needs_a_reason_and_keeps_it(self, author):
        experiment = running(author)
        with pytest.raises(Refusal):
            experiments.stop(experiment, "", LATER)
        experiments.stop(experiment, "Ferien kom i vejen", LATER)

        assert (experiment.state, experiment.was_stopped) == ("stopped", True)
        assert texts_of(experiment)["reason"] == "Ferien kom i vejen"

    def test_the_next_one_has_the_same_plan_and_new_days(self, author):
        first = running(author)
        experiments.stop(first, "Ferien kom i vejen", LATER)
        second = experiments.again(first, LATER)

        assert (second.state, second.iteration, second.predecessor) == ("planned", 2, first)
        assert texts_of(second) == PLAN
        assert second.starts_on == date(2026, 11, 9)
        assert experiments.again(first, LATER) == second

    def test_an_idea_can_be_thrown_away(self, author):
        experiments.discard(idea(author))

        assert Experiment.objects.count() == 0


class TestThinkingItThrough:
    @pytest.mark.parametrize("ending", ["done", "stopped"])
    def test_a_reflection_makes_it_thought_through_however_it_ended(self, author, ending, reflect_on):
        experiment = running(author)
        experiments.finish(experiment, LATER) if ending == "done" else experiments.stop(experiment, "Nok", LATER)
        reflect_on(experiment)

        experiment.refresh_from_db()
        assert (experiment.state, experiment.was_stopped) == ("reflected", ending == "stopped")

    def test_a_draft_is_not_a_reflection(self, author, reflect_on):
        experiment = running(author)
        experiments.finish(experiment, LATER)
        reflect_on(experiment, finished=False)

        experiment.refresh_from_db()
        assert experiment.state == "done"

    def test_one_written_on_the_way_counts_when_it_ends(self, author, reflect_on):
        experiment = running(author)
        reflect_on(experiment)
        experiment.refresh_from_db()
        assert experiment.state == "running"
        experiments.finish(experiment, LATER)

        experiment.refresh_from_db()
        assert experiment.state == "reflected"

    def test_the_answer_to_what_is_asked_before_it_begins_is_not_what_is_made_of_it(self, author, reflect_on):
        experiment = running(author)
        reflect_on(experiment, prompt_key="p-action-ifthen")
        experiments.finish(experiment, LATER)

        experiment.refresh_from_db()
        assert experiment.state == "done"


class TestWhatIsAskedAbout:
    def test_planned_days_replace_the_rounds_from_the_next_planning_on(self, author):
        PlanningRequest.objects.all().delete()
        experiment = planned(author)

        assert days(experiment) == ("r1", date(2026, 11, 2), date(2026, 11, 20))
        assert PlanningRequest.objects.filter(cohort_id=author.cohort_id).exists()

    def test_an_idea_again_leaves_the_round_standing_in(self, author):
        experiment = planned(author)
        experiments.back_to_idea(experiment, NOW)

        assert days(experiment) is None

    def test_stopped_on_the_way_the_question_about_the_end_comes_after_the_stop(self, author):
        experiment = running(author)
        experiments.stop(experiment, "Nok", LATER)

        assert days(experiment) == ("r1", date(2026, 10, 27), date(2026, 11, 6))

    def test_stopped_before_it_began_nothing_is_asked(self, author):
        experiment = planned(author)
        experiments.stop(experiment, "Nok", NOW)

        assert days(experiment) == ("r1", None, None)

    def test_thought_through_nothing_more_is_asked(self, author, reflect_on):
        experiment = running(author)
        experiments.finish(experiment, LATER)
        reflect_on(experiment)

        assert days(experiment) == ("r1", date(2026, 10, 27), None)


class TestObservations:
    def test_what_is_seen_is_an_entry_of_its_own(self, author):
        experiment = running(author)
        observations.note(experiment, uuid4(), "Tre af fem spurgte", seen_at=NOW, now=LATER)

        assert [texts_of(one) for one in experiment.observations.all()] == [{"text": "Tre af fem spurgte"}]

    def test_twice_is_once(self, author):
        experiment, pk = running(author), uuid4()
        for _ in range(2):
            observations.note(experiment, pk, "Tre af fem spurgte", seen_at=NOW, now=LATER)

        assert Observation.objects.count() == 1

    def test_nothing_is_seen_before_it_runs_or_in_the_future(self, author):
        with pytest.raises(Refusal):
            observations.note(planned(author), uuid4(), "Noget", seen_at=NOW, now=NOW)
        with pytest.raises(Refusal):
            observations.note(running(author), uuid4(), "Noget", seen_at=LATER, now=NOW)

    def test_a_number_like_cpr_is_never_shared(self, author):
        experiment = running(author)
        observations.note(experiment, uuid4(), f"Borgeren {CPR} ringede", seen_at=NOW, now=LATER)

        with pytest.raises(Refusal):
            observations.share(experiment, "group", LATER)
        assert Experiment.objects.get().visibility == "private"

    def test_and_not_added_to_what_is_shared(self, author):
        experiment = running(author)
        observations.share(experiment, "group", LATER)

        with pytest.raises(Refusal):
            observations.note(experiment, uuid4(), f"Borgeren {CPR} ringede", seen_at=NOW, now=LATER)
        assert Observation.objects.count() == 0
