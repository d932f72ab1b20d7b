"""Throw-away keys, and tokens as the known clients make them, or as no client should."""

from __future__ import annotations

import base64
import functools
import json
import time
import uuid

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

BASE = "https://cds.hospital.example"
SERVICE = f"{BASE}/cds-services/itb-patient-view"
ISSUER = "https://ehr.hospital.example"
CURVES = {"ES384": ec.SECP384R1, "ES256": ec.SECP256R1}


def key(algorithm: str = "ES384", which: int = 0, bits: int = 2048) -> object:
    """A private key. `which` tells several of one kind apart."""
    return _key(algorithm, which, bits)


@functools.cache
def _key(algorithm: str, which: int, bits: int) -> object:
    if algorithm.startswith("RS"):
        return rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return ec.generate_private_key(CURVES[algorithm]())


def public_jwk(private: object, kid: str = "k1", **members: object) -> dict:
    name = "RS384" if isinstance(private, rsa.RSAPrivateKey) else "ES384"
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1):
        name = "ES256"
    kind = jwt.get_algorithm_by_name(name)
    jwk = json.loads(type(kind).to_jwk(private.public_key()))
    jwk.pop("key_ops", None)
    return {**jwk, "kid": kid, **members}


def jwks(*keys: dict) -> dict:
    return {"keys": list(keys)}


def claims(**changes: object) -> dict:
    """Valid claims with `changes`; a change to None takes the claim out."""
    now = int(time.time())
    full = {"iss": ISSUER, "aud": SERVICE, "exp": now + 300, "iat": now, "jti": str(uuid.uuid4()), **changes}
    return {name: value for name, value in full.items() if value is not None}


def token(
    private: object | None = None, algorithm: str = "ES384", headers: dict | None = None, **changes: object
) -> str:
    """A signed token. `headers` are added to kid ``k1``; a header of None is taken out."""
    header = {"kid": "k1", **(headers or {})}
    return jwt.encode(
        claims(**changes),
        private or key(algorithm),
        algorithm,
        {name: value for name, value in header.items() if value is not None},
    )


def bearer(value: str) -> str:
    return f"Bearer {value}"


def unsigned(header: dict, payload: dict, signature: bytes = b"") -> str:
    """A token put together by hand, for what no library would make."""
    return ".".join(
        base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (_json(header), _json(payload), signature)
    )


def _json(value: object) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()
