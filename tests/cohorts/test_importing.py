"""MODEL §10: a list of participants is read tolerantly, checked row by row, and taken whole or not at all."""

from datetime import UTC, datetime

import pytest
from django.core import mail

from courseplatform.cohorts.setting_up.importing import carry_out, decoded, dry_run
from courseplatform.outbox.models import Message
from courseplatform.people.models import User
from courseplatform.people.refusals import Refusal
from tests.factories import CohortFactory, EnrolmentFactory, MunicipalityFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
HEADER = "Navn;E-mail;Stilling;Enhed;Nærmeste leder\n"


@pytest.fixture
def cohort():
    UnitFactory(name="Børn og Skole")
    return CohortFactory(state="draft")


def sentences(found):
    return [(problem.line, str(problem.sentence)) for problem in found.problems]


def imported(text, cohort):
    found = dry_run(text, cohort)
    assert sentences(found) == []
    return carry_out(found, cohort, by=cohort.owner_hr, now=NOW)


def test_new_people_are_made_and_invited_and_nobody_is_told(cohort):
    count = imported(
        HEADER
        + "Skolechef;  Skolechef@Fjordby.example ;Chef;børn og skole;\n"
        + "Skoleleder, Åskolen;aaskolen@fjordby.example;;;skolechef@fjordby.example\n",
        cohort,
    )

    leader, report = (User.objects.get(email=f"{name}@fjordby.example") for name in ("skolechef", "aaskolen"))
    assert count == 2
    assert (leader.display_name, leader.job_title, leader.org_unit.name) == ("Skolechef", "Chef", "Børn og Skole")
    assert (report.display_name, report.line_manager) == ("Skoleleder, Åskolen", leader)
    assert not leader.has_usable_password()
    assert set(cohort.enrolments.values_list("state", flat=True)) == {"invited"}
    assert not Message.objects.exists()
    assert mail.outbox == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_danish_letters_survive_every_usual_way_of_saving(cohort, encoding, delimiter, newline):
    text = newline.join([f"e-mail{delimiter}navn", f"aeroe@fjordby.example{delimiter}Børneleder Ærø, nord"[:-6], ""])

    imported(decoded(text.encode(encoding)), cohort)

    assert User.objects.get(email="aeroe@fjordby.example").display_name == "Børneleder Ærø"


def test_cells_that_look_like_formulas_are_plain_text(cohort):
    imported('e-mail;navn\na@fjordby.example;"=HYPERLINK(1)"\nb@fjordby.example;@SUM\n', cohort)

    names = User.objects.filter(email__in=["a@fjordby.example", "b@fjordby.example"]).order_by("email")
    assert list(names.values_list("display_name", flat=True)) == ["=HYPERLINK(1)", "@SUM"]


def test_every_wrong_row_is_named_and_nothing_is_taken(cohort):
    cohort.facilitators.add(UserFactory(email="facilitator@fjordby.example", display_name="Facilitator"))
    UserFactory(email="gone@fjordby.example", display_name="Tidligere leder", is_active=False)
    before = User.objects.count()

    found = dry_run(
        HEADER
        + "God leder;god@fjordby.example;;;\n"
        + "Ingen adresse;ikke en adresse;;;\n"
        + "Igen;god@fjordby.example;;;\n"
        + ";navnloes@fjordby.example;;;\n"
        + "Alle;alle@fjordby.example;;;\n"
        + "Fremmed;leder@andetsteds.example;;;\n"
        + "Facilitator;facilitator@fjordby.example;;;\n"
        + "Tidligere;gone@fjordby.example;;;\n"
        + "Forkert enhed;enhed@fjordby.example;;Månen;\n"
        + "Uden leder;uden@fjordby.example;;;ukendt@fjordby.example\n"
        + "Et nummer 010190-1234;nummer@fjordby.example;;;\n",
        cohort,
    )

    assert [line for line, _ in sentences(found)] == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert User.objects.count() == before
    assert not cohort.enrolments.exists()


@pytest.mark.parametrize(
    "text",
    ["", "   \n", "navn\nLeder\n", "e-mail;navn\n", 'e-mail;navn\na@fjordby.example;"uden slut\n'],
)
def test_a_file_that_is_not_a_list_is_one_problem_about_the_file(cohort, text):
    assert [line for line, _ in sentences(dry_run(text, cohort))] == [0]


def test_two_thousand_rows_are_taken_and_one_more_is_not(cohort):
    rows = [f"leder{n}@fjordby.example;Leder {n}\n" for n in range(2001)]

    assert sentences(dry_run("e-mail;navn\n" + "".join(rows[:2000]), cohort)) == []
    assert [line for line, _ in sentences(dry_run("e-mail;navn\n" + "".join(rows), cohort))] == [0]


def test_a_domain_is_taken_once_hr_allows_it(cohort):
    text = "e-mail;navn\nleder@selvejende.example;Leder, Den selvejende\n"

    assert dry_run(text, cohort).unknown_domains == {"selvejende.example"}
    assert sentences(dry_run(text, cohort, allowed_domains=[" @Selvejende.example "])) == []


def test_people_who_are_on_the_cohort_already_are_left_alone(cohort):
    there = EnrolmentFactory(cohort=cohort, state="invited")

    count = imported(f"e-mail;navn\n{there.person.email};\nny@fjordby.example;Ny leder\n", cohort)

    assert count == 1
    assert cohort.enrolments.count() == 2


def test_the_check_reads_the_database_as_often_for_three_rows_as_for_thirty(cohort, django_assert_num_queries):
    for size in (3, 30):
        text = "e-mail;navn\n" + "".join(f"leder-{n}@fjordby.example;Leder {n}\n" for n in range(size))
        with django_assert_num_queries(5):
            dry_run(text, cohort)


def test_an_import_that_fails_halfway_leaves_nothing_behind(cohort):
    found = dry_run("e-mail;navn\na@fjordby.example;Leder A\nb@fjordby.example;Leder B\n", cohort)
    cohort.state = "completed"
    before = User.objects.count()

    with pytest.raises(Refusal):
        carry_out(found, cohort, by=cohort.owner_hr, now=NOW)

    assert User.objects.count() == before


def test_somebody_of_another_municipality_is_not_named(cohort):
    neighbour = MunicipalityFactory(name="Nabo Kommune", mail_domain="nabo.example")
    UserFactory(email="chef@fjordby.example", display_name="Naboens leder", municipality=neighbour)

    found = dry_run(HEADER + ";chef@fjordby.example;;;\n", cohort)

    said = " ".join(sentence for _line, sentence in sentences(found))
    assert "chef@fjordby.example" in said
    assert "Naboens leder" not in said
