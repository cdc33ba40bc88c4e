"""Each mail counts once, whatever breaks off; what is broken stands in nobody's way; nothing is quoted anywhere."""

from datetime import timedelta

import pytest
from django.db import OperationalError, transaction

from courseplatform.outbox.inbox import answers_by_mail, mailboxes
from courseplatform.outbox.inbox import reading as inbox
from courseplatform.outbox.inbox.tokens import reply_address
from courseplatform.outbox.models import DeliveryCount, IncomingMail, Message
from courseplatform.people.models import User
from tests.outbox.incoming import OUT_OF_OFFICE, TO_NOBODY, TUESDAY, mail, report, rows, sent, state_of
from worker.ticks import reap_tick


@pytest.mark.django_db
def test_mail_of_all_kinds_is_read_and_put_where_it_belongs(spool, kept):
    gone, answered = sent(), sent()
    spool.put(report(gone), "1.eml")
    spool.put(mail(reply_address(answered), "Uro.", sender=answered.person.email), "2.eml")
    spool.put(OUT_OF_OFFICE, "3.eml")
    spool.put(TO_NOBODY, "4.eml")

    assert inbox.read(TUESDAY) == {"undeliverable": 1, "kept": 1, "automatic": 1, "nobodys": 1}

    assert rows() == sorted(
        [
            ("bounce", "undeliverable", gone.pk),
            ("answer", "kept", answered.pk),
            ("other", "automatic", None),
            ("other", "nobodys", None),
        ]
    )
    assert (state_of(gone), state_of(answered), kept) == ("bounced", "sent", ["Uro."])
    assert (spool.names(), spool.names("other"), spool.names("broken")) == ([], ["4.eml"], [])


@pytest.mark.django_db
def test_the_mailbox_is_read_at_each_reap_tick(spool):
    gone = sent()
    spool.put(report(gone))

    reap_tick(TUESDAY)

    assert (state_of(gone), spool.names()) == ("bounced", [])


@pytest.mark.django_db
def test_an_empty_mailbox_is_read_in_no_time(spool, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert inbox.read(TUESDAY) == {}


@pytest.mark.django_db
def test_a_mail_that_comes_twice_counts_once(spool, kept):
    answered = sent()
    answer = mail(reply_address(answered), "Uro.", sender=answered.person.email)
    spool.put(answer)
    inbox.read(TUESDAY)
    spool.put(answer, "again.eml")

    inbox.read(TUESDAY + timedelta(minutes=1))

    assert (kept, rows(), spool.names()) == (["Uro."], [("answer", "kept", answered.pk)], [])
    assert IncomingMail.objects.get().received_at == TUESDAY


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["spool", "imap"])
def test_a_crash_between_the_commit_and_the_putting_away_is_harmless(request, monkeypatch, kept, place):
    box, answered = request.getfixturevalue(place), sent()
    box.put(mail(reply_address(answered), "Uro.", sender=answered.person.email))
    with monkeypatch.context() as broken:
        for kind in (mailboxes.FolderMailbox, mailboxes.ImapMailbox):
            broken.setattr(kind, "put", crash)
        with pytest.raises(KeyboardInterrupt):
            inbox.read(TUESDAY)

    assert inbox.read(TUESDAY) == {"kept": 1}
    assert inbox.read(TUESDAY) == {}
    assert (kept, rows()) == (["Uro."], [("answer", "kept", answered.pk)])


def crash(*_arguments):
    raise KeyboardInterrupt


@pytest.mark.django_db
def test_a_crash_before_the_commit_leaves_the_mail_unread(spool, kept, monkeypatch):
    answered = sent()
    spool.put(mail(reply_address(answered), "Uro.", sender=answered.person.email))
    answers_by_mail.kept_by(crash)
    with pytest.raises(KeyboardInterrupt):
        inbox.read(TUESDAY)

    assert (rows(), spool.names()) == ([], ["1.eml"])
    answers_by_mail.kept_by(lambda message, text, now: kept.append(text))
    assert inbox.read(TUESDAY) == {"kept": 1}
    assert kept == ["Uro."]


@pytest.mark.django_db
def test_what_a_reader_began_is_undone_when_it_cannot_finish(spool, kept, caplog):
    broken, fine = sent(), sent()

    def begin(message, text, now):
        User.objects.filter(pk=message.person_id).update(display_name="Begyndt")
        raise ZeroDivisionError("secret words")

    answers_by_mail.kept_by(begin)
    spool.put(mail(reply_address(broken), "secret words", sender=broken.person.email), "1.eml")
    spool.put(report(fine), "2.eml")

    assert inbox.read(TUESDAY) == {"failed": 1, "undeliverable": 1}

    assert not User.objects.filter(display_name="Begyndt").exists()
    assert (spool.names(), spool.names("broken"), state_of(fine)) == ([], ["1.eml"], "bounced")
    assert "ZeroDivisionError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.django_db
def test_trouble_with_the_database_is_not_the_mails(spool, kept):
    def no_database(message, text, now):
        raise OperationalError

    answered = sent()
    answers_by_mail.kept_by(no_database)
    spool.put(mail(reply_address(answered), "Uro.", sender=answered.person.email))
    with pytest.raises(OperationalError):
        inbox.read(TUESDAY)

    assert (rows(), spool.names()) == ([], ["1.eml"])


@pytest.mark.django_db
def test_a_mail_that_cannot_be_put_away_counts_once_and_holds_up_nobody(spool, kept):
    answered = sent()
    (spool.folder / "other").symlink_to("nowhere")
    spool.put(TO_NOBODY, "1.eml")
    spool.put(mail(reply_address(answered), "Uro.", sender=answered.person.email), "2.eml")

    inbox.read(TUESDAY)
    inbox.read(TUESDAY)

    assert (kept, spool.names()) == (["Uro."], ["1.eml"])
    assert rows() == [("answer", "kept", answered.pk), ("other", "nobodys", None)]


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["spool", "imap"])
def test_more_of_them_than_a_tick_reads_do_not_block_the_inbox(request, kept, monkeypatch, place):
    box, answered = request.getfixturevalue(place), sent()
    monkeypatch.setattr(inbox, "MOST_MAILS", 2)
    monkeypatch.setattr(inbox, "_stayed", set())
    for kind in (mailboxes.FolderMailbox, mailboxes.ImapMailbox):
        monkeypatch.setattr(kind, "put", unwilling)
    waiting = [*[TO_NOBODY] * 3, mail(reply_address(answered), "Uro.", sender=answered.person.email)]
    for number, raw in enumerate(waiting):
        box.put(raw, f"{number}.eml") if place == "spool" else box.put(raw)

    for _ in range(2):
        inbox.read(TUESDAY)

    assert kept == ["Uro."]


def unwilling(*_arguments):
    raise PermissionError


@pytest.mark.django_db
def test_nothing_is_ever_answered(spool, kept, mailoutbox):
    message = sent()
    for number, raw in enumerate([report(message), OUT_OF_OFFICE, TO_NOBODY, mail(reply_address(message), "x")]):
        spool.put(raw, f"{number}.eml")

    inbox.read(TUESDAY)

    assert mailoutbox == []
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_a_row_says_what_became_of_a_mail_and_nothing_of_what_it_said(spool, kept, caplog):
    message = sent()
    spool.put(mail(reply_address(message), "dybt hemmeligt", sender=message.person.email))

    inbox.read(TUESDAY)

    row = IncomingMail.objects.values().get()
    assert (len(row.pop("fingerprint")), row.pop("message_id"), row.pop("id") > 0) == (64, message.pk, True)
    assert row == {"kind": "answer", "outcome": "kept", "received_at": TUESDAY}
    assert "hemmeligt" not in caplog.text


@pytest.mark.django_db
def test_an_outcome_fits_into_its_row():
    longest = IncomingMail._meta.get_field("outcome").max_length

    assert max(map(len, inbox.PLACES)) <= longest


@pytest.mark.django_db
def test_a_mail_about_a_message_that_is_gone_is_noted_without_it(spool, kept):
    message = sent()
    spool.put(report(message), "1.eml")
    spool.put(mail(reply_address(message), "Uro.", sender=message.person.email), "2.eml")
    with transaction.atomic():
        Message.objects.all().delete()

    inbox.read(TUESDAY)

    assert rows() == [("answer", "wrong_sender", None), ("bounce", "unknown", None)]


@pytest.mark.django_db
def test_what_became_of_a_mail_is_known_for_a_year_and_then_forgotten_in_steps(spool, monkeypatch):
    monkeypatch.setattr(inbox, "MOST_FORGOTTEN", 2)
    long_ago = TUESDAY - timedelta(days=366)
    for number, at in enumerate([long_ago, long_ago, long_ago, TUESDAY - timedelta(days=364)]):
        IncomingMail.objects.create(fingerprint=str(number), kind="other", outcome="nobodys", received_at=at)

    reap_tick(TUESDAY)
    assert IncomingMail.objects.count() == 2
    reap_tick(TUESDAY)
    reap_tick(TUESDAY)

    assert IncomingMail.objects.values_list("fingerprint", flat=True).get() == "3"


@pytest.mark.django_db
def test_messages_that_came_back_are_counted_once_with_what_travelled_along(spool):
    gone = sent()
    with_it = sent()
    Message.objects.filter(pk=with_it.pk).update(state="merged", merged_into=gone)
    DeliveryCount.objects.all().delete()

    for _ in range(2):
        spool.put(report(gone))
        inbox.read(TUESDAY)

    assert DeliveryCount.objects.filter(name="bounced").values_list("number", flat=True).get() == 2
