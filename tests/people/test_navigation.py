import pytest
from django.test import RequestFactory
from django.utils import translation

from courseplatform.people.navigation import menu
from tests.factories import EnrolmentFactory, RoleFactory, UserFactory

pytestmark = pytest.mark.django_db
PARTICIPANT = ["I dag", "Forløb", "Logbog", "Gruppe"]


@pytest.fixture(autouse=True)
def danish():
    with translation.override("da"):
        yield


def tabs(person, path="/"):
    request = RequestFactory().get(path)
    request.user = person
    return menu(request)["tabs"]


@pytest.mark.parametrize(
    ("takes_part", "roles", "words"),
    [
        (True, [], PARTICIPANT),
        (False, ["hr"], ["Hold"]),
        (False, ["facilitator"], ["Facilitator", "Indhold"]),
        (True, ["hr"], [*PARTICIPANT, "Hold"]),
        (False, ["hr", "facilitator"], ["Hold", "Facilitator", "Indhold"]),
        (False, [], PARTICIPANT),
    ],
)
def test_the_menu_holds_what_this_person_does_here(takes_part, roles, words):
    person = UserFactory()
    if takes_part:
        EnrolmentFactory(person=person)
    for kind in roles:
        RoleFactory(person=person, kind=kind)

    assert [tab.label for tab in tabs(person)] == [*words, "Min side"]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/", ["I dag"]),
        ("/logbog/", ["Logbog"]),
        ("/logbog/x/", ["Logbog"]),
        ("/min-side/hr/", ["Min side"]),
        ("/x/", []),
    ],
)
def test_one_tab_at_most_is_where_one_is(path, current):
    assert [tab.label for tab in tabs(UserFactory(), path) if tab.is_current] == current


def test_the_menu_asks_once_and_only_when_it_is_shown(django_assert_num_queries):
    person = UserFactory()
    EnrolmentFactory(person=person)
    RoleFactory(person=person)
    person = type(person).objects.select_related("municipality").get(pk=person.pk)
    request = RequestFactory().get("/")
    request.user = person

    with django_assert_num_queries(0):
        shown = menu(request)
    with django_assert_num_queries(1):
        assert len(list(shown["tabs"])) == 6
        assert str(shown["brand"]) == "Fjordby Kommune"


def test_who_is_not_signed_in_sees_no_menu(client):
    assert "<nav" not in client.get("/konto/login/").content.decode()
