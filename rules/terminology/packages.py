"""National Drug Codes in the spellings that clients send, as 11 digits (5-4-2)."""

from __future__ import annotations

_SEGMENTS = (5, 4, 2)
_TEN_DIGITS = ((4, 8), (5, 8), (5, 9))
"""Where the segments of a 10-digit code may end: 4-4-2, 5-3-2, 5-4-1."""


def package_codes(code: str) -> tuple[int, ...]:
    """The 11-digit codes that a spelling can mean; several for ten digits without hyphens, none for rubbish."""
    parts = code.strip().split("-")
    if not all(part.isascii() and part.isdigit() for part in parts):
        return ()
    if len(parts) == 3:
        return (
            (_joined(parts),) if all(len(part) <= width for part, width in zip(parts, _SEGMENTS, strict=True)) else ()
        )
    digits = "".join(parts)
    if len(parts) > 3 or len(digits) not in (10, 11, 12):
        return ()
    if len(digits) == 10:
        return tuple(dict.fromkeys(_joined((digits[:a], digits[a:b], digits[b:])) for a, b in _TEN_DIGITS))
    return (int(digits),) if len(digits) == 11 or digits.startswith("0") else ()


def _joined(parts: tuple[str, ...] | list[str]) -> int:
    return int("".join(part.zfill(width) for part, width in zip(parts, _SEGMENTS, strict=True)))
