"""What must come back: the cards in order, words that they must and must not say, and the status of the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from cdshooks.vignettes.documents import Text, json_value
from cdshooks.vignettes.errors import Misread, line_of, meant
from cdshooks.vignettes.phrases import fhir_datetime
from rules import ALL_RULES

NOW = "2026-06-15T10:00:00Z"
NOT_ASSESSED = "itb-not-assessed"
INDICATORS = ("critical", "warning", "info")


def expected(title: str, rule: str, hook: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """The expectation of a case as data. Raises `Misread`."""
    if "cards" not in told:
        raise Misread("a case tells its `cards` (or `cards: none`)", line_of(dict(told)))
    made = {
        "title": title,
        "service": f"itb-{hook}",
        "now": fhir_datetime(told["now"]) if "now" in told else NOW,
        "status": int(told.get("status", 200)),
        "cards": [_card(said, rule) for said in _list(told["cards"], ",") if said != "none"],
    }
    for word, member in (("says", "says"), ("never-says", "silentOn"), ("summary", "summary"), ("seeds", "seeds")):
        if word in told:
            made[member] = [str(said) for said in _list(told[word])]
    return made | ({"site": json_value(told["site"])} if "site" in told else {})


def _list(value: Any, divider: str = "") -> Iterable[Text]:
    """The items of a list, or of one text."""
    if isinstance(value, list):
        return value
    if not isinstance(value, Text):
        raise Misread("must be words or a list of words", line_of(value))
    return [Text(part.strip(), value.line) for part in value.split(divider)] if divider else [value]


def _card(said: Text, rule: str) -> dict[str, str]:
    """``critical`` is a card of the file's rule; ``pump-summary info`` one of another."""
    name, _, indicator = str(said).rpartition(" ")
    if indicator not in INDICATORS:
        levels = ", ".join(INDICATORS)
        raise Misread(f"`{said}` does not end with one of {levels}{meant(indicator, INDICATORS)}", line_of(said))
    whole = f"itb-{name.removeprefix('itb-')}" if name else rule
    known_rule(whole, line_of(said), name)
    return {"rule": whole, "indicator": indicator}


def known_rule(name: str, line: int = 0, written: str = "") -> None:
    """Raises `Misread` where no rule has this id, with the name as it was `written`."""
    if name not in _rules():
        raise Misread(f"there is no rule `{written or name}`{meant(name, _rules())}", line)


@cache
def _rules() -> frozenset[str]:
    return frozenset({NOT_ASSESSED, *(rule.id for rule in ALL_RULES)})
