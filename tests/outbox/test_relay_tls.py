"""TLS in earnest: a relay with a certificate made for the test, and what happens where nobody vouches for it."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from _processes import free_port
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from courseplatform import environment
from courseplatform.outbox.models import Message, Relay
from courseplatform.outbox.sending.batches import send_due
from tests.factories import MessageFactory

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 8, tzinfo=UTC)
DAY = timedelta(days=1)
HOME, ELSEWHERE = x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("elsewhere.example")


def certificate(folder, whose):
    """A file with a key and the certificate it vouches for itself with."""
    key, today = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), today, today + DAY)
    signed = (
        made.add_extension(x509.SubjectAlternativeName([whose]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file = folder / "relay.pem"
    file.write_bytes(key.private_bytes(pem, private, serialization.NoEncryption()) + signed.public_bytes(pem))
    return file


class Relay587:
    """Keeps what it is given."""

    def __init__(self):
        self.came = []

    async def handle_DATA(self, server, session, envelope):
        self.came.append(envelope)
        return "250 2.0.0 taken"


@pytest.fixture
def relay(settings, tmp_path):
    """A function that starts a relay which is reached by that kind of address, with a certificate for that name."""
    running = []

    def start(scheme, whose=HOME, password="hemmeligt"):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate(tmp_path, whose))
        tls = {"ssl_context": context} if scheme == "smtps" else {"tls_context": context, "require_starttls": True}
        handler, port = Relay587(), free_port()
        controller = Controller(
            handler, hostname="127.0.0.1", port=port, auth_required=True, auth_require_tls=scheme != "smtps",
            authenticator=lambda *call: AuthResult(success=call[-1].password == b"hemmeligt", handled=False), **tls,
        )  # fmt: skip
        controller.start()
        running.append(controller)
        for name, value in environment.smtp(f"{scheme}://relay:{password}@127.0.0.1:{port}?tls=1").items():
            setattr(settings, name, value)
        settings.EMAIL_USE_TLS = scheme == "smtp"
        return handler

    yield start
    for controller in running:
        controller.stop()


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_mail_goes_by_tls_where_somebody_vouches_for_the_relay(relay, scheme, monkeypatch, tmp_path):
    message, handler = MessageFactory(), relay(scheme)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "relay.pem"))

    send_due(TUESDAY)

    assert state_of(message) == "sent"
    assert len(handler.came) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("doubt", ["nobody vouches for it", "it is somebody else's", "it does not know our password"])
def test_nothing_is_said_to_a_relay_in_doubt(relay, scheme, doubt, monkeypatch, tmp_path):
    whose = ELSEWHERE if doubt == "it is somebody else's" else HOME
    password = "forkert" if doubt == "it does not know our password" else "hemmeligt"
    message, handler = MessageFactory(), relay(scheme, whose, password)
    if doubt != "nobody vouches for it":
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "relay.pem"))

    send_due(TUESDAY)

    assert state_of(message) == "due"
    assert handler.came == []
    assert Relay.objects.get().failures == 1


def state_of(message):
    return Message.objects.get(pk=message.pk).state
