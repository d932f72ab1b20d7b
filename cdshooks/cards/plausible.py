"""The longest value that a summary must bear, by the name of its placeholder: what the check of the templates fills in.

A tuple is a list of facts. Names that do not stand here are filled with `OTHER`.
"""

from __future__ import annotations

DATE = "28 Sep 2026"
VAGUE = "Sep 2026 (day not given)"
DOSE = "1000.5 µg/day (1.0005 mg/day)"
DRUG = "dextromethorphan with chlorpheniramine"
SENT = "1000-1200 mcg per day as pump allows"
DIAGNOSIS = "Sedative, hypnotic or anxiolytic dependence with withdrawal, uncomplicated"
RESULT = "Platelets of 28 Sep 2026 are on record but could not be read («about 150 K»)"
OTHER = "a value of thirty characters  "

PLAUSIBLE: dict[str, str | tuple[str, ...]] = {
    **dict.fromkeys(("age", "gap", "days", "late", "months_left"), "100 months"),
    **dict.fromkeys(("ago", "early"), "the last increase"),
    **dict.fromkeys(("booked", "delivery", "due", "egfr_date", "refilled", "reported", "since", "stop", "time"), DATE),
    **dict.fromkeys(("date", "eri", "reservoir"), VAGUE),
    **dict.fromkeys(("dose", "from", "high", "new", "old", "single"), DOSE),
    **dict.fromkeys(
        ("egfr", "factor", "limit", "missed", "percent", "pressure", "score", "screening", "temperature"), "1000.5"
    ),
    **dict.fromkeys(("sent", "unread_sent"), SENT),
    **dict.fromkeys(("disorder", "fault", "problem"), DIAGNOSIS),
    **dict.fromkeys(("facts", "infections", "lead", "lungs", "reasons", "signs"), (DIAGNOSIS, DIAGNOSIS)),
    **dict.fromkeys(("drugs", "short"), (DRUG, DRUG, DRUG)),
    **dict.fromkeys(("first_unread", "first_undated"), RESULT),
    "cause": "more drug left in the pump than expected",
    "changes": ("reprogramming", "concentration change"),
    "last_change": f"overdelivery found at the refill of {DATE}",
    "drug": DRUG,
    "held": "2000 µg/mL",
    "how": "put on hold",
    "missing": ("low-reservoir date, or the data to compute it", "a current entry of the drug"),
    "ordered": "2000 µg/mL",
    "repeat": ("platelet count", "INR"),
    "rise": "1000.5 to 1200.5 µg/day",
    "route": "intramuscular",
    "severe": "anaphylaxis",
    "candidate_selection.md first": "no oral antispastic drug, botulinum toxin or physical therapy on record",
    "coagulopathy.md missing": ("platelet count", "INR"),
    "order_dose.md limit": "1000.5 µg/day",
    "coagulopathy.md worst": ("Acute and subacute hepatic failure without coma", "INR 1.8"),
    "tone": "1.5 to 2.5",
    "unread": "low-reservoir date",
}
"""By name, or by file and name."""
TOLD_AS = {
    "lead": "signs",
    "cause": "causes",
    "last_change": "changes",
    "short": "drugs",
    "drugs": "intervals",
    "worst": "facts",
    "facts": "dated",
    "unread_sent": "all_unread",
}
"""What a summary calls one thing and the detail, which has room for all of it, another."""


def longest(file: str, name: str) -> str | tuple[str, ...]:
    """The longest plausible value of a placeholder of a template."""
    return PLAUSIBLE.get(f"{file} {name}", PLAUSIBLE.get(name, OTHER))
