"""The client of openapi-python-client, as it was generated: discovery, hook calls, feedback."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from itb_cds_client import AuthenticatedClient
from itb_cds_client.api.hooks import call_service, discover, send_feedback
from itb_cds_client.models import (
    Card,
    Feedback,
    FeedbackItem,
    FeedbackItemOutcome,
    GivenReason,
    HookRequest,
    HookResponse,
    OverrideReason,
    Receipt,
    ServiceId,
)
from itb_cds_client.types import UNSET
from signed import read_task, token_for

TASK = read_task()


def client_for(path: str) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=TASK["base"], token=token_for(TASK, path), raise_on_unexpected_status=True)


def main() -> None:
    discovery = discover.sync(client=client_for("/cds-services"))
    answers = {}
    shown: list[Card] = []
    for file, service in TASK["calls"].items():
        body = HookRequest.from_dict(json.loads(Path(file).read_text(encoding="utf-8")))
        client = client_for(f"/cds-services/{service}")
        answer = call_service.sync(ServiceId(service), client=client, body=body)
        answers[file] = answer.to_dict()
        if isinstance(answer, HookResponse):
            shown += [card for card in answer.cards if card.override_reasons is not UNSET]
    reason = GivenReason.from_dict(shown[0].override_reasons[0].to_dict())
    item = FeedbackItem(
        card=str(shown[0].uuid),
        outcome=FeedbackItemOutcome.OVERRIDDEN,
        outcome_timestamp=datetime.now(UTC),
        override_reason=OverrideReason(reason=reason),
    )
    receipt = send_feedback.sync(
        ServiceId.ITB_PATIENT_VIEW,
        client=client_for("/cds-services/itb-patient-view/feedback"),
        body=Feedback([item]),
    )
    if not isinstance(receipt, Receipt):
        raise SystemExit(f"feedback was not taken: {receipt}")
    services = [service.id for service in discovery.services]
    print(json.dumps({"services": services, "answers": answers, "received": receipt.received}))


main()
