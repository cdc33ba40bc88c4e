import pytest

from tests.demo_programme import programme as demo_programme


@pytest.fixture
def programme():
    return demo_programme()
