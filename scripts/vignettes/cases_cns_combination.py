"""R30 itb-cns-combination."""

from __future__ import annotations

from build import case
from drugs import BACLOFEN_TABLET
from drugs import CODEINE_BUTALBITAL
from drugs import COMFORT
from drugs import DIAZEPAM
from drugs import GABAPENTIN
from drugs import HYDROXYZINE
from drugs import LORAZEPAM
from drugs import OXYCODONE
from drugs import SEIZURE
from drugs import SUVOREXANT
from drugs import TIZANIDINE
from drugs import ZOLPIDEM
from drugs import draft
from drugs import select
from drugs import taking
from patient import chart_opening
from patient import concept
from patient import event
from patient import oral
from patient import order
from patient import ordering
from patient import pump_chart
from patient import statement

RULE = "itb-cns-combination"
QUIET = "itb-pump-summary info"
EXPLANT = order("out", event("pump-explant", "Removal of intrathecal pump"), "active", at="2026-06-20", authored="2026-06-12")
VENTILATION = order("vent", {"text": "Mechanical ventilation"}, "active", authored="2026-06-15")


def opened(name, title, entries, cards, **more):
    return case(RULE, name, title, chart_opening(pump_chart(*entries)), [*cards, QUIET], **more)


def ordered(name, title, drafts, entries, cards, **more):
    return case(RULE, name, title, select(drafts, *entries), cards, **more)


def as_needed(since):
    return taking("bzd", LORAZEPAM, since, dose_mg=1, per_day=1, prn=True)


OPIOID, SEDATIVE = taking("opi", OXYCODONE), taking("bzd", LORAZEPAM)
CRITICAL, WARNING = [f"{RULE} critical"], [f"{RULE} warning"]

CASES = [
    opened(
        "opioid-and-benzodiazepine-taken",
        "An opioid taken together with a benzodiazepine is a warning when the chart is opened",
        [OPIOID, SEDATIVE],
        WARNING,
        says=["oxycodone", "lorazepam"],
    ),
    opened("opioid-and-hypnotic-taken", "An opioid taken together with a sleeping pill is a warning when the chart is opened", [OPIOID, taking("hyp", ZOLPIDEM)], WARNING),
    opened("opioid-alone", "An opioid taken alone brings no combination card when the chart is opened", [OPIOID], []),
    opened("benzodiazepine-and-hypnotic", "A benzodiazepine and a sleeping pill without an opioid bring no combination card", [SEDATIVE, taking("hyp", ZOLPIDEM)], []),
    opened("two-opioids", "Two opioids together are one kind of drug and bring no combination card", [OPIOID, taking("opi-2", {"text": "Tramadol 50 mg tablet"})], []),
    opened(
        "three-classes-taken", "Three kinds of sedating drugs are a warning even without an opioid", [SEDATIVE, taking("mr", TIZANIDINE), taking("asm", GABAPENTIN)], WARNING
    ),
    opened(
        "baclofen-is-not-counted",
        "Baclofen tablets are never counted as one of the sedating drugs",
        [OPIOID, taking("mr", TIZANIDINE), taking("tab", BACLOFEN_TABLET, "2026-05-01")],
        [],
    ),
    opened("stopped-entry", "A benzodiazepine that was stopped does not count beside an opioid", [OPIOID, statement("bzd", LORAZEPAM, "stopped", "2026-05-01", "2026-06-01")], []),
    opened("as-needed-90-days", "An as-needed benzodiazepine started 90 days ago counts", [OPIOID, as_needed("2026-03-17")], WARNING),
    opened("as-needed-91-days", "An as-needed benzodiazepine with no sign of use for 91 days does not count", [OPIOID, as_needed("2026-03-16")], []),
    opened("ventilated", "A combination of sedatives is not alerted while the patient is mechanically ventilated", [OPIOID, SEDATIVE, VENTILATION], []),
    opened(
        "known-by-words",
        "An opioid and a benzodiazepine known by name alone are a warning, and the record suggests it",
        [OPIOID, taking("bzd", {"text": "Lorazepam 1 mg tablet"})],
        WARNING,
        says=["record suggests"],
    ),
    case(
        RULE,
        "explant-context",
        "A benzodiazepine does not count as a sedative while removal of the pump is on order",
        chart_opening(pump_chart(OPIOID, SEDATIVE, EXPLANT)),
        ["itb-explant-planned critical", QUIET],
    ),
    ordered(
        "completes-the-pair", "Oxycodone ordered while lorazepam is taken is critical", draft("rx", OXYCODONE), [SEDATIVE], CRITICAL, says=["boxed warning"]
    ),
    ordered("sedative-completes-the-pair", "Zolpidem ordered while an opioid is taken is critical", draft("rx", ZOLPIDEM), [OPIOID], CRITICAL),
    ordered("orexin-antagonist-counts", "Suvorexant counts as a hypnotic beside an opioid", draft("rx", SUVOREXANT), [OPIOID], CRITICAL),
    ordered(
        "two-drafts",
        "An opioid and a benzodiazepine drafted together make one critical card",
        [draft("a", OXYCODONE), draft("b", DIAZEPAM)],
        [],
        CRITICAL,
        says=["oxycodone", "diazepam"],
    ),
    ordered("one-product-with-both", "A capsule that holds codeine and butalbital is a critical pair by itself", draft("rx", CODEINE_BUTALBITAL), [], CRITICAL),
    case(
        RULE,
        "background-draft",
        "A benzodiazepine drafted but not selected counts beside a selected opioid",
        select([draft("a", OXYCODONE), draft("b", DIAZEPAM)], selections=["MedicationRequest/a"]),
        CRITICAL,
    ),
    ordered(
        "renewal",
        "A renewal of the opioid beside a benzodiazepine is a warning instead of critical",
        draft("rx", OXYCODONE, oral(None, 5, 2)),
        [taking("opi", OXYCODONE, "2026-01-10", dose_mg=5, per_day=2), SEDATIVE],
        WARNING,
    ),
    ordered(
        "third-class", "A third sedating drug is a warning that takes the place of its own note", draft("rx", HYDROXYZINE), [SEDATIVE, taking("mr", TIZANIDINE)], WARNING
    ),
    ordered("second-class", "A second sedating drug that is no critical pair has its own card only", draft("rx", HYDROXYZINE), [SEDATIVE], ["itb-cns-antihistamine info"]),
    ordered(
        "warning-class-keeps-its-card",
        "A muscle relaxant keeps its own warning beside the combination card",
        draft("rx", TIZANIDINE),
        [SEDATIVE, taking("ah", HYDROXYZINE)],
        ["itb-cns-muscle-relaxant warning", *WARNING],
    ),
    ordered("comfort-care", "A critical pair of opioid and benzodiazepine stays critical in comfort care", draft("rx", OXYCODONE), [SEDATIVE, COMFORT], CRITICAL),
    ordered("stopping-one", "An order that stops the benzodiazepine of a pair is not alerted", draft("rx", LORAZEPAM, status="stopped"), [OPIOID, SEDATIVE], []),
    ordered(
        "treatment-of-withdrawal",
        "Diazepam for a seizure is treatment of withdrawal, also beside an opioid",
        draft("rx", DIAZEPAM, reasonCode=[SEIZURE]),
        [OPIOID],
        ["itb-withdrawal-treatment info"],
    ),
    ordered(
        "opioid-beside-treatment",
        "An opioid beside a benzodiazepine that treats withdrawal has its own card only",
        [draft("a", OXYCODONE), draft("b", DIAZEPAM, reasonCode=[SEIZURE])],
        [],
        ["itb-cns-opioid warning", "itb-withdrawal-treatment info"],
    ),
    ordered(
        "ventilated-order",
        "An opioid ordered for a ventilated patient brings its own card and no combination card",
        draft("rx", OXYCODONE),
        [SEDATIVE, VENTILATION],
        ["itb-cns-opioid warning"],
    ),
    ordered(
        "text-only-partner",
        "A benzodiazepine known by name alone makes an opioid order critical, and the record suggests it",
        draft("rx", OXYCODONE),
        [taking("bzd", {"text": "Lorazepam 1 mg"})],
        CRITICAL,
        says=["record suggests"],
    ),
    case(
        RULE,
        "medication-lists-missing",
        "Without the medication lists the opioid order is judged alone, and that is said",
        ordering(pump_chart(SEDATIVE), [draft("rx", OXYCODONE)], withhold=("MedicationStatement", "MedicationRequest")),
        ["itb-cns-opioid warning", "itb-not-assessed info"],
    ),
    ordered(
        "no-pump-drug-class",
        "A drug that does not sedate brings no combination card",
        draft("rx", concept("http://www.nlm.nih.gov/research/umls/rxnorm", "723", "amoxicillin")),
        [OPIOID, SEDATIVE],
        [],
    ),
]
