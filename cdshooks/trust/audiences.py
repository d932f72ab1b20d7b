"""Which URL a token must be addressed to, and where a token is asked for at all.

Addresses are made from the site's ``publicBaseUrl``, never from the request: behind a proxy that shows another host and
scheme, and a Host header is the caller's to choose.

Discovery can be called without a token: what it tells is public documentation, and the specification asks for
authentication where a call "poses any risk of exposing sensitive data". A client that sends one (the specification has
clients do so on every call, discovery included) is checked like any other and learns early that its set-up is wrong.
"""

from __future__ import annotations


def of_discovery(public_base_url: str) -> tuple[str, ...]:
    return (f"{public_base_url.rstrip('/')}/cds-services",)


def of_service(public_base_url: str, service_id: str) -> tuple[str, ...]:
    return (f"{of_discovery(public_base_url)[0]}/{service_id}",)


def of_feedback(public_base_url: str, service_id: str) -> tuple[str, ...]:
    """The feedback URL or the service's: clients reuse the token's recipe of the service call."""
    (service,) = of_service(public_base_url, service_id)
    return f"{service}/feedback", service


def of_explain(public_base_url: str, service_id: str) -> tuple[str, ...]:
    """POST /explain/{id} wants the same trust as a service call."""
    return f"{public_base_url.rstrip('/')}/explain/{service_id}", *of_service(public_base_url, service_id)
