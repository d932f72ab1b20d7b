"""The values of a card as they read in a sentence, each worked out once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Set
from typing import Any, cast

from cdshooks.cards.guarding import LONGEST_VALUE
from cdshooks.cards.values import LISTS, joined, spoken
from cdshooks.fhir.shortening import shortened
from rules import statements

LOG = logging.getLogger(__name__)
NUMBERS = "numbers"
"""The parameters in force, by name, among the values of a card."""
LONGEST_LIST = 600
"""Characters of a list on a card; what goes beyond is counted, member by member."""


class SpokenValues(dict[str, str]):
    """``said[name]``; empty for one that says nothing. A name with a hyphen is a parameter, as it is in force."""

    __slots__ = ("_name", "_values", "given")

    def __init__(self, values: Mapping[str, object], name: str) -> None:
        super().__init__()
        self._values, self._name = values, name
        self.given: Set[str] = set(filter(values.get, values))
        """Names of the values that are there, as conditions ask for them."""

    def __missing__(self, placeholder: str) -> str:
        value = self._values.get(placeholder)
        if value is None:
            text = self._of_no_value(placeholder)
        elif isinstance(value, LISTS):
            text = _whole(self.members(placeholder))
        else:
            text = value if isinstance(value, str) else spoken(value)
            if len(text) > LONGEST_LIST:  # one that was made of several facts
                text = shortened(text, LONGEST_LIST)
        self[placeholder] = text
        return text

    def _of_no_value(self, placeholder: str) -> str:
        if statements.is_number(placeholder):
            return statements.filled(f"{{{placeholder}}}", cast("Mapping[str, Any]", self._values[NUMBERS]))
        if placeholder not in self._values:  # no rule gives it: a fault of the words
            LOG.error("a placeholder has no value", extra={"words": self._name, "placeholder": placeholder})
        return ""

    def tells(self, placeholders: Iterable[str]) -> bool:
        """Whether every one of them says something."""
        for placeholder in placeholders:
            if not self[placeholder]:
                return False
        return True

    def members(self, placeholder: str) -> list[str]:
        """The members of a value that is a list, each once; none of any other value."""
        value = self._values.get(placeholder)
        if not isinstance(value, LISTS):
            return []
        return list(dict.fromkeys([shortened(text, LONGEST_VALUE) for text in map(spoken, value) if text]))


def _whole(members: list[str]) -> str:
    """All members, or as many as there is room for and the number of the others: a name is never cut for the room."""
    kept = len(members)
    while kept > 1 and sum(map(len, members[:kept])) > LONGEST_LIST:
        kept -= 1
    return joined(members if kept == len(members) else [*members[:kept], f"{len(members) - kept} more"])
