from datetime import UTC, datetime

import pytest
from django.urls import reverse

from courseplatform.outbox.models import Message
from courseplatform.outbox.reading.answering import answer, dismiss
from courseplatform.outbox.sending.batches import send_due
from tests.factories import EnrolmentFactory, MeetingFactory, MessageFactory, UserFactory, WorkshopFactory

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
PAGES = ["message", "message-dismiss"]


@pytest.fixture
def conversation():
    return MessageFactory(
        kind="conversation", template="p-sponsor-mid", occurrence_key="s:0:p-sponsor-mid:0", state="sent"
    )


@pytest.fixture
def for_sponsor(conversation):
    return MessageFactory(
        enrolment=conversation.enrolment,
        person=UserFactory(),
        kind="conversation",
        template="p-sponsor-mid.sponsor",
        occurrence_key="s:0:p-sponsor-mid.sponsor:0",
        state="sent",
    )


@pytest.mark.parametrize("page", PAGES)
def test_a_link_is_for_its_owner_alone(client, page):
    message = MessageFactory(state="sent", kind="conversation", template="p-sponsor-mid")
    client.force_login(UserFactory())

    assert client.get(reverse(page, args=[message.pk])).status_code == 404
    assert client.post(reverse("message-dismiss", args=[message.pk])).status_code == 404
    assert client.post(reverse("message-answered", args=[message.pk])).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_signing_in_leads_back_to_the_message(client, page):
    address = reverse(page, args=[MessageFactory().pk])

    assert client.get(address).url == f"{reverse('account_login')}?next={address}"


def test_a_question_leads_to_the_page_for_writing(client):
    message = MessageFactory(state="sent")
    client.force_login(message.person)

    assert client.get(reverse("message", args=[message.pk])).url == reverse("write", args=[message.pk])


def test_a_reminder_leads_to_its_event(client):
    enrolment = EnrolmentFactory()
    workshop = WorkshopFactory(cohort=enrolment.cohort)
    about_workshop = MessageFactory(enrolment=enrolment, kind="reminder", template="p-w2-prepare", workshop=workshop)
    about_group = MessageFactory(
        enrolment=enrolment,
        kind="reminder",
        template="p-group-prep",
        meeting=MeetingFactory(group__cohort=enrolment.cohort),
    )
    client.force_login(enrolment.person)

    assert client.get(reverse("message", args=[about_workshop.pk])).url == reverse("workshop", args=[workshop.pk])
    assert client.get(reverse("message", args=[about_group.pk])).url == reverse("group")


@pytest.mark.parametrize("page", PAGES)
def test_looking_changes_nothing(client, conversation, page):
    client.force_login(conversation.person)
    before = Message.objects.values().get(pk=conversation.pk)

    assert client.get(reverse(page, args=[conversation.pk])).status_code == 200
    assert Message.objects.values().get(pk=conversation.pk) == before


def test_a_conversation_shows_its_three_questions(client, conversation):
    client.force_login(conversation.person)

    page = client.get(reverse("message", args=[conversation.pk])).content.decode()

    assert "Hvad er flyttet i min praksis?" in page
    assert "Sæt cirka 30 minutter af." in page
    assert "Vi har holdt den" in page


def test_a_conversation_that_was_held_is_held_for_both(client, conversation, for_sponsor):
    again = MessageFactory(
        enrolment=conversation.enrolment,
        kind="conversation",
        template="p-sponsor-mid",
        occurrence_key="s:0:p-sponsor-mid:1",
        is_follow_up=True,
    )
    client.force_login(for_sponsor.person)

    response = client.post(reverse("message-answered", args=[for_sponsor.pk]))

    assert response.url == reverse("message", args=[for_sponsor.pk])
    for message in (conversation, for_sponsor, again):
        message.refresh_from_db()
    assert conversation.answered_at == for_sponsor.answered_at is not None
    assert (again.state, again.reason) == ("suppressed", "answered")


def test_not_now_is_the_persons_own_and_not_the_others(client, conversation, for_sponsor):
    client.force_login(for_sponsor.person)

    client.post(reverse("message-dismiss", args=[for_sponsor.pk]))

    conversation.refresh_from_db()
    for_sponsor.refresh_from_db()
    assert for_sponsor.dismissed_at is not None
    assert (conversation.dismissed_at, conversation.answered_at) == (None, None)


def test_done_elsewhere_ends_a_question(client):
    message = MessageFactory(state="sent")
    client.force_login(message.person)

    settled = client.post(reverse("message-answered", args=[message.pk]), follow=True).content.decode()
    assert reverse("message", args=[message.pk]) in settled  # to write after all

    message.refresh_from_db()
    assert message.answered_at is not None


def test_a_survey_says_what_it_asks_and_where_the_answers_go(client):
    message = MessageFactory(state="sent", kind="survey", template="p-pre-survey")
    client.force_login(message.person)

    page = client.get(reverse("message", args=[message.pk])).content.decode()

    assert "Svarene vises kun samlet." in page
    assert "Jeg har svaret" in page


def test_answering_twice_keeps_the_first_moment():
    message = MessageFactory(state="sent")

    assert answer(message, TUESDAY) is True
    assert answer(message, TUESDAY.replace(hour=9)) is False
    assert message.answered_at == TUESDAY


def test_an_answer_outweighs_not_now_and_not_the_other_way_round():
    message = MessageFactory(state="sent")
    dismiss(message, TUESDAY)
    answer(message, TUESDAY)

    assert dismiss(message, TUESDAY) is False
    assert (message.answered_at, message.dismissed_at) == (TUESDAY, None)


@pytest.mark.parametrize("end", [answer, dismiss])
def test_a_question_that_has_ended_is_not_asked_again(end, mailoutbox):
    first = MessageFactory(template="p-w1-after", occurrence_key="w:0:p-w1-after:0", state="sent")
    again = MessageFactory(
        enrolment=first.enrolment, template="p-w1-after", occurrence_key="w:0:p-w1-after:1", is_follow_up=True
    )
    other = MessageFactory(enrolment=first.enrolment, template="p-w1-after", occurrence_key="v:0:p-w1-after:0")

    end(first, TUESDAY)
    send_due(TUESDAY)

    again.refresh_from_db()
    other.refresh_from_db()
    assert (again.state, again.reason) == ("suppressed", "answered")
    assert other.state == "sent"


@pytest.mark.parametrize("template", ["p-sponsor-mid", "p-pre-survey"])
def test_pages_ask_the_database_the_same_few_times(client, template, django_assert_num_queries):
    kind = "survey" if "survey" in template else "conversation"
    message = MessageFactory(state="sent", kind=kind, template=template)
    client.force_login(message.person)
    client.get(reverse("message", args=[message.pk]))

    with django_assert_num_queries(4):
        client.get(reverse("message", args=[message.pk]))
