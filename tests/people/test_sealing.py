import io
import threading
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from courseplatform.people.models import PersonKey, User
from courseplatform.people.privacy import sealing
from courseplatform.people.privacy.sealing import KeyDestroyedError, SealBrokenError, seal, unseal
from tests.factories import UserFactory

NOW = datetime(2026, 10, 27, 9, tzinfo=UTC)
TEXT = "Æblet falder ikke langt fra stammen. 👩🏽‍🚒"


def again(person):
    """The same person as another request would load them: no opened key is carried along."""
    return User.objects.get(pk=person.pk)


@pytest.mark.django_db
class TestSealing:
    def test_what_was_sealed_comes_back(self):
        person = UserFactory()

        assert unseal(again(person), seal(person, TEXT, "row"), "row") == TEXT

    def test_neither_text_nor_key_can_be_read_in_what_is_stored(self):
        person = UserFactory()
        sealed = seal(person, TEXT, "row")

        assert b"stammen" not in sealed
        assert person.__dict__["_opened_key"] not in bytes(PersonKey.objects.get(person=person).wrapped)

    def test_the_same_text_never_looks_the_same_twice(self):
        person = UserFactory()

        assert seal(person, TEXT, "row") != seal(person, TEXT, "row")

    def test_a_seal_opens_for_nobody_else(self):
        sealed = seal(UserFactory(), TEXT, "row")

        with pytest.raises(SealBrokenError):
            unseal(UserFactory(), sealed, "row")

    def test_a_seal_opens_in_no_other_row(self):
        person = UserFactory()
        sealed = seal(person, TEXT, "row")

        with pytest.raises(SealBrokenError):
            unseal(person, sealed, "another row")

    @pytest.mark.parametrize("position", [0, 12, -1], ids=["nonce", "text", "tag"])
    def test_one_changed_bit_breaks_the_seal(self, position):
        person = UserFactory()
        sealed = bytearray(seal(person, TEXT, "row"))
        sealed[position] ^= 1

        with pytest.raises(SealBrokenError):
            unseal(person, bytes(sealed), "row")

    @pytest.mark.parametrize("sealed", [b"", b"short"])
    def test_too_few_bytes_are_a_broken_seal(self, sealed):
        with pytest.raises(SealBrokenError):
            unseal(UserFactory(), sealed, "row")

    def test_a_key_cannot_be_moved_to_another_person(self):
        owner, thief = UserFactory(), UserFactory()
        sealed = seal(owner, TEXT, "row")
        seal(thief, "noget", "row")
        PersonKey.objects.filter(person=thief).update(wrapped=owner.key.wrapped)

        with pytest.raises(SealBrokenError):
            unseal(again(thief), sealed, "row")

    def test_one_person_has_one_key(self):
        person = UserFactory()
        seal(person, TEXT, "row")
        seal(again(person), TEXT, "row")

        assert PersonKey.objects.filter(person=person).count() == 1


@pytest.mark.django_db
class TestDestroying:
    def test_a_destroyed_key_opens_and_seals_nothing(self):
        person = UserFactory()
        sealed = seal(person, TEXT, "row")
        sealing.destroy_key(person, NOW)

        for one in (person, again(person)):
            with pytest.raises(KeyDestroyedError):
                unseal(one, sealed, "row")
            with pytest.raises(KeyDestroyedError):
                seal(one, TEXT, "row")

    def test_a_destroyed_key_leaves_no_bytes_behind(self):
        person = UserFactory()
        seal(person, TEXT, "row")
        sealing.destroy_key(person, NOW)

        key = PersonKey.objects.get(person=person)
        assert (key.wrapped, key.destroyed_at) == (None, NOW)

    def test_somebody_who_never_wrote_can_be_closed_too(self):
        person = UserFactory()
        sealing.destroy_key(person, NOW)

        with pytest.raises(KeyDestroyedError):
            seal(again(person), TEXT, "row")


def rotate():
    out = io.StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue().strip()


@pytest.mark.django_db
class TestRotating:
    def test_texts_outlive_the_master_key_they_were_written_under(self, settings):
        settings.MASTER_KEYS = ["old:one secret"]
        person = UserFactory()
        sealed = seal(person, TEXT, "row")
        settings.MASTER_KEYS = ["new:another secret", "old:one secret"]

        assert rotate() == "1 keys wrapped anew, 0 left as they were."

        settings.MASTER_KEYS = ["new:another secret"]
        assert unseal(again(person), sealed, "row") == TEXT

    def test_a_second_run_finds_nothing_to_do(self, settings):
        settings.MASTER_KEYS = ["old:one secret"]
        seal(UserFactory(), TEXT, "row")
        settings.MASTER_KEYS = ["new:another secret", "old:one secret"]
        rotate()

        assert rotate() == "0 keys wrapped anew, 1 left as they were."

    def test_a_run_that_was_stopped_goes_on_where_it_was(self, settings):
        settings.MASTER_KEYS = ["old:one secret"]
        done, left = UserFactory(), UserFactory()
        seal(done, TEXT, "row")
        seal(left, TEXT, "row")
        settings.MASTER_KEYS = ["new:another secret", "old:one secret"]
        sealing.rewrap(PersonKey.objects.get(person=done))

        assert rotate() == "1 keys wrapped anew, 1 left as they were."

    def test_a_destroyed_key_stays_destroyed(self, settings):
        settings.MASTER_KEYS = ["old:one secret"]
        person = UserFactory()
        seal(person, TEXT, "row")
        read_before = PersonKey.objects.get(person=person)
        sealing.destroy_key(person, NOW)
        settings.MASTER_KEYS = ["new:another secret", "old:one secret"]

        assert not sealing.rewrap(read_before)
        assert PersonKey.objects.get(person=person).wrapped is None

    def test_a_missing_master_key_is_named_and_its_secret_is_not(self, settings):
        settings.MASTER_KEYS = ["old:one secret"]
        seal(UserFactory(), TEXT, "row")
        settings.MASTER_KEYS = ["new:another secret"]

        with pytest.raises(CommandError, match="“old” is not among MASTER_KEYS") as refused:
            rotate()
        assert "another secret" not in str(refused.value)


@pytest.mark.django_db(transaction=True)
def test_two_first_texts_at_once_are_sealed_with_one_key():
    person = UserFactory()
    start, sealed = threading.Barrier(2), []

    def write():
        mine = again(person)
        start.wait()
        sealed.append(seal(mine, TEXT, "row"))
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [unseal(again(person), one, "row") for one in sealed] == [TEXT, TEXT]
