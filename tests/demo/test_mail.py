import pytest
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from courseplatform.outbox.sending.batches import send_due
from courseplatform.outbox.writing.skeletons import written
from demo import mail as post
from tests.factories import MessageFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings, tmp_path):
    settings.MAIL_FOLDER = tmp_path / "mail"
    settings.EMAIL_BACKEND = "courseplatform.outbox.relay.mailfolder.EmailBackend"
    return settings.MAIL_FOLDER


def send(to="mette@fjordby.example", subject="Et spørgsmål til dig", day=27, html="<head></head><p>Æblet</p>"):
    headers = {"Date": f"Tue, {day} Oct 2026 07:30:00 +0000"}
    mail = EmailMultiAlternatives(subject, "Pæren", '"Holdet" <hold@fjordby.example>', [to], headers=headers)
    mail.attach_alternative(html, "text/html")
    return mail.send()


def test_the_newest_mail_stands_first(client, folder):
    for day in (13, 27, 20):
        send(day=day, subject=f"Den {day}.")

    page = client.get(reverse("demo-mail")).content.decode()

    assert page.index("Den 27.") < page.index("Den 20.") < page.index("Den 13.")


def test_one_persons_mail_can_be_picked_out(client, folder):
    UserFactory(email="mette@fjordby.example", display_name="Mette Lund")
    send(subject="Til Mette")
    send(to="bo@fjordby.example", subject="Til Bo")

    page = client.get(reverse("demo-mail"), {"to": "mette@fjordby.example"}).content.decode()

    assert "Til Mette" in page
    assert "Til Bo" not in page
    assert "Mette Lund" in page


def test_a_message_lies_in_the_folder_as_it_would_have_travelled(client, folder):
    message = MessageFactory()
    send_due(message.due_at)
    [found] = post.envelopes(message.person.email)

    assert post.path_of(found.name).read_bytes() == written(message, [], message.due_at).content
    assert "Skriv dit svar" in client.get(reverse("demo-mail-one", args=[found.name])).content.decode()


def test_twenty_mails_are_a_page(client, folder):
    for _ in range(21):
        send()

    assert client.get(reverse("demo-mail")).content.count(b"<li>\n          <a href") == 20
    assert client.get(reverse("demo-mail"), {"page": "2"}).content.count(b"<li>\n          <a href") == 1


def test_an_empty_folder_says_what_will_be_here(client, folder):
    assert "Ingen mails endnu" in client.get(reverse("demo-mail")).content.decode()


def test_a_mail_shows_text_headers_and_a_frame(client, folder):
    send()
    [found] = post.envelopes()

    page = client.get(reverse("demo-mail-one", args=[found.name])).content.decode()

    assert "Pæren" in page
    assert "Et spørgsmål til dig" in page
    assert f'src="{reverse("demo-mail-html", args=[found.name])}"' in page
    assert "<p>Æblet</p>" not in page


def test_the_html_is_locked_in(client, folder):
    send(html="<head></head><script>alert(1)</script><p>Æblet</p>")
    [found] = post.envelopes()

    response = client.get(reverse("demo-mail-html", args=[found.name]))
    policy = response["Content-Security-Policy"]

    assert "<p>Æblet</p>" in response.content.decode()
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "sandbox allow-top-navigation-by-user-activation allow-popups" in policy
    assert "allow-scripts" not in policy
    assert "frame-ancestors 'self'" in policy


@pytest.mark.parametrize(
    "name", ["..%2f..%2fsecret.key", "20261027T073000Z-../../../x", "20261027T073000Z-0123456789ab"]
)
def test_only_mails_of_the_folder_can_be_opened(client, folder, name):
    folder.mkdir()
    (folder.parent / "secret.key").write_text("hemmelig")

    assert client.get(f"/demo/mail/{name}/").status_code == 404
    assert client.get(f"/demo/mail/{name}/html").status_code == 404


def test_a_mail_is_whole_or_not_there(folder):
    send()
    (folder / ".20261027T073000Z-0123456789ab.part").write_text("halv")

    assert [file.suffix for file in folder.iterdir() if not file.name.startswith(".")] == [".eml"]
    assert len(post.envelopes()) == 1


def test_a_line_break_in_a_header_writes_nothing(folder):
    with pytest.raises(ValueError, match="newlines"):
        send(subject="Hej\nBcc: alle@fjordby.example")

    assert post.envelopes() == []
