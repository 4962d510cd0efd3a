"""The post of these tests: messages are kept instead of carried."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from tests.shops.visitors import KeptMail, KeptSms, Post, house_of


@pytest.fixture
def post(app: FastAPI) -> Iterator[Post]:
    """Whatever the running app sends by SMS and e-mail during the test."""
    house, kept = house_of(app), Post()
    carried_by = house.sms, house.mail
    house.sms, house.mail = KeptSms(kept.messages), KeptMail(kept.messages)
    yield kept
    house.sms, house.mail = carried_by
