"""A certificate authority of one's own, as hospitals have them."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def private_authority(folder: Path, address: str) -> tuple[Path, ssl.SSLContext]:
    """Return the certificate of a new authority, as a file, and what a server at `address` (an IP address) speaks TLS
    with."""
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _signed("authority", authority, "authority", authority, x509.BasicConstraints(ca=True, path_length=0))
    leaf = _signed(
        "server",
        server,
        "authority",
        authority,
        x509.BasicConstraints(ca=False, path_length=None),
        x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]),
    )
    (folder / "authority.pem").write_bytes(root.public_bytes(form.Encoding.PEM))
    key = server.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    (folder / "server.pem").write_bytes(key + leaf.public_bytes(form.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return folder / "authority.pem", context


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    by: ec.EllipticCurvePrivateKey,
    *extensions: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
    )
    for extension in extensions:
        made = made.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return made.sign(by, hashes.SHA256())
