"""The knowledge of a site goes to another process as what it is made of, and says the same there."""

from __future__ import annotations

import pickle

from rules.concepts import LocalCode, load_knowledge


def test_knowledge_that_was_pickled_says_the_same() -> None:
    here = load_knowledge(local_codes=[LocalCode("urn:oid:1.2.3", "77", "pump-refill")])
    there = pickle.loads(pickle.dumps(here))
    for codings, names in (([("urn:oid:1.2.3", "77", None)], ()), ([], ("refill of the intrathecal pump",))):
        assert there.event(codings, names) == here.event(codings, names)
    assert there.event([("urn:oid:1.2.3", "77", None)]).concepts == {"pump-refill"}


def test_words_that_may_name_an_event_are_told_from_words_that_cannot() -> None:
    known = load_knowledge()
    assert known.may_name_event("refill of the intrathecal pump")
    assert not known.may_name_event("zzz")
