"""Vignettes from a HAPI FHIR JPA server give the cards of their own prefetch: by templates, and by callbacks.

Not collected by a plain ``make test``, which must not need Java: ``.ci/suites/70-hapi.sh`` names this file.
"""

from __future__ import annotations

import json
import os
import re

import pytest

from cdshooks import vignettes
from cdshooks.protocol import catalogue
from cdshooks.vignettes import Vignette
from tests.fhir_server.ehr import Ehr, both_ways, resources, service
from tests.support.vignettes import ABOUT_NO_ENCOUNTER, UNSEEN_BY_LEAN, some_of

VIGNETTES = vignettes.every()
SEVERAL = 32
LISTS_THE_SERVER_HAS = {"itb-refill-plan-gap/visits-not-delivered": ("serviceRequests", "appointments")}
"""The vignette whose client did not send these lists: unknown. The server has them, empty, so from there the card does not
say that they were not seen. Its cards are those of the same prefetch with the two lists empty."""
NO_DATE_OF_FHIR = re.compile(r'DateTime": "(?!\d{4}(-\d\d(-\d\d(T[^"]+)?)?)?")')
BY_NAME = {*LISTS_THE_SERVER_HAS, *UNSEEN_BY_LEAN}


def told_by_words_alone(vignette: Vignette) -> bool:
    """An Observation without a code: no search of the templates finds it (docs/fhir-mapping.md §11)."""
    return any(
        one["resourceType"] == "Observation" and not one["code"].get("coding") for one in resources(vignette.request)
    )


def kept_otherwise(vignette: Vignette) -> bool:
    """A date that is spelled in another way than FHIR's: the server refuses the resource. Two values: it keeps one."""
    if NO_DATE_OF_FHIR.search(json.dumps(vignette.request.get("prefetch"))):
        return True
    return any(sum(name.startswith("value") for name in one) > 1 for one in resources(vignette.request))


def sends_every_list(vignette: Vignette) -> bool:
    """Else it is about a list that was not sent; a server has them all."""
    service_of_it = catalogue.find_service(vignette.expected["service"])
    assert service_of_it is not None
    lists = set(catalogue.templates("full", "", chart_hook=service_of_it.chart_hook)) - {"encounter"}
    return lists <= set(vignette.request.get("prefetch") or {})


def playable(vignette: Vignette) -> bool:
    """It is answered with cards, and a FHIR server can hold and find its data."""
    if vignette.id in BY_NAME or vignette.expected["status"] != 200 or not sends_every_list(vignette):
        return False
    nowhere = vignette.name in ABOUT_NO_ENCOUNTER
    return not nowhere and not kept_otherwise(vignette) and not told_by_words_alone(vignette)


RULES = tuple(os.environ.get("HAPI_VIGNETTES", "").split())
PLAYED = [one for one in VIGNETTES if playable(one)]
CASES = [one for one in PLAYED if one.id.startswith(RULES)] if RULES else some_of(PLAYED, SEVERAL)
CASES += [one for one in VIGNETTES if one.id in BY_NAME]
"""Some of all that can be played, and the ones from which a server, or the lean profile, brings another answer.
``HAPI_VIGNETTES="itb-refill itb-ci"`` plays all that can be played of the rules whose ids begin so; ``HAPI_VIGNETTES=itb`` all."""


@pytest.mark.parametrize("profile", ["full", "lean"])
@pytest.mark.parametrize("vignette", CASES, ids=lambda vignette: vignette.id)
def test_the_same_cards_from_hapi_by_prefetch_and_by_callback(r4: Ehr, vignette: Vignette, profile: str) -> None:
    request, expected = vignette.request, vignette.expected
    r4.load(resources(request))
    client = service(r4.base, expected["now"], expected.get("site"))
    url = f"/cds-services/{expected['service']}"
    own = client.post(url, json=request).get_json()["cards"]
    if vignette.id in LISTS_THE_SERVER_HAS:
        known = {**request["prefetch"], **dict.fromkeys(LISTS_THE_SERVER_HAS[vignette.id])}
        unknown, own = own, client.post(url, json={**request, "prefetch": known}).get_json()["cards"]
        assert unknown != own
    if profile == "lean" and vignette.id in UNSEEN_BY_LEAN:
        own = []

    by_prefetch, by_callback = both_ways(r4, request, expected, prefetchProfile=profile)

    assert by_prefetch.status_code == by_callback.status_code == 200
    assert by_prefetch.get_json() == by_callback.get_json()
    assert by_prefetch.get_json()["cards"] == own


def test_most_of_the_vignettes_played_show_cards() -> None:
    """Empty answers would be the same too."""
    assert len({case.id for case in CASES}) == len(CASES)
    assert 2 * sum(bool(case.expected["cards"]) for case in CASES) > len(CASES)
