"""What the entries of a chart are made of: dates with their precision, and how surely a thing is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, TypeVar, dataclass_transform

Held = TypeVar("Held")
Part = TypeVar("Part")


class Precision(Enum):
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    TIME = "time"


TO_THE_DAY, TO_THE_TIME = Precision.DAY, Precision.TIME
"""Those that are asked for most: Python 3.11 calls a function to reach a member by the name of its class."""


class Grade(Enum):
    """How the record says what a fact is (docs/fhir-mapping.md §1.4). CODE and NAME identify; FREE_TEXT never alone
    makes a critical card.
    """

    CODE = "code"
    NAME = "name text"
    FREE_TEXT = "free text"


def must(value: Held | None) -> Held:
    """The value, which is there: the caller has looked, or picked only entries that have it."""
    assert value is not None
    return value


@dataclass_transform(field_specifiers=(field,))
def entry(part: type[Part]) -> type[Part]:
    """Make a class a part of a chart.

    Nobody changes one: it is frozen by custom and not by the class, since a frozen dataclass takes three times as long
    to make.
    """
    return dataclass(slots=True, unsafe_hash=True)(part)


@dataclass_transform(field_specifiers=(field,))
def answer(part: type[Part]) -> type[Part]:
    """Make a class what a definition or a rule says of a chart: made for every chart anew, and frozen by custom too."""
    return dataclass(slots=True, unsafe_hash=True)(part)


@entry
class When:
    """A FHIR date or dateTime with its precision: the moments from `start` up to, but not including, `stop`."""

    start: datetime
    stop: datetime
    precision: Precision

    @property
    def date(self) -> date:
        """The calendar day on which the period starts, in the site's time zone."""
        return self.start.date()

    @property
    def exact(self) -> bool:
        """True when the calendar day is known."""
        return self.precision is TO_THE_TIME or self.precision is TO_THE_DAY

    @property
    def last_moment(self) -> datetime:
        """The instant itself, or the end of the day, month or year."""
        return self.start if self.precision is TO_THE_TIME else self.stop


class Interval(NamedTuple):
    """Both ends of an amount; the same number twice where it is one."""

    low: Decimal
    high: Decimal
