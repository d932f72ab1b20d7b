"""The Python client of openapi-generator, as it was generated: discovery, hook calls, feedback."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from openapi_client import (
    ApiClient,
    ApiException,
    Card,
    Configuration,
    Feedback,
    FeedbackItem,
    GivenReason,
    HookRequest,
    HooksApi,
    OverrideReason,
    ServiceId,
)
from signed import read_task, token_for

TASK = read_task()


def api_for(path: str) -> HooksApi:
    return HooksApi(ApiClient(Configuration(host=TASK["base"], access_token=token_for(TASK, path))))


def main() -> None:
    discovery = api_for("/cds-services").discover()
    answers = {}
    shown: list[Card] = []
    for file, service in TASK["calls"].items():
        body = HookRequest.from_json(Path(file).read_text(encoding="utf-8"))
        try:
            answer = api_for(f"/cds-services/{service}").call_service(ServiceId(service), body)
        except ApiException as error:
            answers[file] = error.data.to_dict()
            continue
        answers[file] = json.loads(answer.to_json())
        shown += [card for card in answer.cards if card.override_reasons]
    item = FeedbackItem(
        card=str(shown[0].uuid),
        outcome="overridden",
        outcome_timestamp=datetime.now(UTC),
        override_reason=OverrideReason(reason=GivenReason.from_dict(shown[0].override_reasons[0].to_dict())),
    )
    receipt = api_for("/cds-services/itb-patient-view/feedback").send_feedback(
        ServiceId("itb-patient-view"), Feedback(feedback=[item])
    )
    services = [service.id.value for service in discovery.services]
    print(json.dumps({"services": services, "answers": answers, "received": receipt.received}))


main()
