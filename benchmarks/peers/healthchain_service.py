"""HealthChain, a framework for CDS Hooks services, on uvicorn: reads the request and answers without cards."""

from __future__ import annotations

from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.gateway.cds import CDSHooksConfig
from healthchain.models import CDSRequest, CDSResponse

service = CDSHooksService(config=CDSHooksConfig(base_path=""))


@service.hook("patient-view", id="itb-patient-view")
def call(request: CDSRequest) -> CDSResponse:
    return CDSResponse(cards=[])


app = HealthChainAPI()
app.register_service(service, path="")
