"""R01 itb-pump-summary."""

from __future__ import annotations

from build import case
from patient import ICD10
from patient import RXNORM
from patient import chart_opening
from patient import concept
from patient import condition
from patient import device
from patient import itb_statement
from patient import oral
from patient import order
from patient import ordering
from patient import patient
from patient import procedure
from patient import pump_chart
from patient import pump_data
from patient import quantity
from patient import statement
from telemetry import OVERDUE
from telemetry import QUIET
from telemetry import REMOVE
from telemetry import TABLET
from telemetry import fault
from telemetry import flag
from telemetry import ill
from telemetry import opened
from telemetry import temperature

RULE = "itb-pump-summary"
INCOMPLETE = "itb-record-incomplete info"
TETRAPLEGIA = condition("sci", concept(ICD10, "G82.53", "Quadriplegia, C5-C7 complete"), onset="2012-03-01")
MORPHINE = statement("it-morphine", concept(RXNORM, "7052", "morphine"), "active", "2026-01-10", dosage={"route": {"text": "intrathecal"}})


def shows(name, title, request, cards, **more):
    return case(RULE, name, title, request, cards, **more)


BACLOFEN_PUMP = {**device(model=None, name=None), "type": {"text": "Intrathecal baclofen pump"}}

CASES = [
    shows(
        "way-in-dosage-words-only",
        "Baclofen whose dosage alone says intrathecal tells of a probable pump",
        chart_opening([patient(), statement("itb-1", concept(RXNORM, "1292", "baclofen"), "active", "2026-01-10", dosage={"text": "intrathecal 400 mcg/day via pump"})]),
        [INCOMPLETE, "itb-rescue-baclofen-missing info", QUIET],
        says=["record suggests"],
    ),
    shows(
        "device-named-baclofen-pump",
        "A device called baclofen pump is a probable baclofen pump, even with no drug and no diagnosis on record",
        chart_opening([patient(), BACLOFEN_PUMP]),
        [INCOMPLETE, "itb-rescue-baclofen-missing info", QUIET],
        says=["record suggests"],
    ),
    shows(
        "device-alone",
        "An intrathecal pump with no drug and no diagnosis on record brings no card: it may hold another drug",
        chart_opening([patient(), device()]),
        [],
    ),
    shows(
        "quiet",
        "A pump patient's chart shows the pump, its dose and its low-reservoir date when it is opened",
        opened(),
        [QUIET],
        says=["never stop abruptly", "400 µg/day (0.4 mg/day)", "20 Sep 2026", "2000 µg/mL", "1 May 2026", "10 May 2023", "A missing card never means that the pump is fine"],
        silent_on=["record suggests"],
        seeds=["refill every 1–6 months; scheduled visits; family education"],
    ),
    shows("serial-and-catheter", "The serial number and the catheter level are told when known", opened(
        pump_data("tip", "catheter-tip-level", "2023-05-10", None, valueString="T10"), swap=[device(serialNumber="NGP123456H")]), [QUIET], says=["NGP123456H", "T10"]),
    shows("computed-date", "A computed low-reservoir date is shown when none was programmed", opened(drop=("alarm-1",)), [QUIET], says=["7 Nov 2026", "computed"]),
    shows(
        "higher-risk",
        "A high spinal cord injury, an earlier withdrawal and a patient who cannot speak are told as higher risk",
        opened(
            TETRAPLEGIA,
            condition("aphasia", concept(ICD10, "R47.01", "Aphasia"), onset="2020-01-01"),
            condition("earlier", {"text": "Baclofen withdrawal"}, onset="2024-02-01", clinical="resolved"),
        ),
        [QUIET],
        says=["T6 or above", "cannot report symptoms", "earlier baclofen withdrawal"],
    ),
    shows("child", "A child's card says that the limits differ", opened(swap=[patient(birth="2016-03-02")]), [QUIET], says=["Under 18", "6.9 %"]),
    shows("eighteen", "A patient of 18 years is not told the limits of children", opened(swap=[patient(birth="2008-06-15")]), [QUIET], silent_on=["Under 18"]),
    shows("flag-active", "A pump flag that is already on the chart is not offered a second time", opened(flag("Implanted intrathecal baclofen pump")), [QUIET]),
    shows("name-text", "A pump known by its name alone is shown, and the record suggests it", opened(
        swap=[device(model=None, name=None, type={"text": "Implantable intrathecal infusion pump"})]), [QUIET], says=["record suggests"]),
    shows("other-code-system", "A pump coded another way is the same pump", opened(
        swap=[device(type=concept("http://terminology.hl7.org/CodeSystem/HCPCS", "C1772", "Infusion pump, programmable (implantable)"))]),
        [QUIET], silent_on=["record suggests"]),
    shows("no-device-row", "Intrathecal baclofen on the list without a pump device tells of a probable pump", opened(drop=("pump-1",)), [INCOMPLETE, QUIET], says=["record suggests"]),
    shows("no-drug-but-multiple-sclerosis", "A pump without any drug on record tells of a probable baclofen pump in multiple sclerosis", opened(
        drop=("itb-1", "refill-1", "volume-1", "alarm-1", "oral-rescue")), [INCOMPLETE, "itb-rescue-baclofen-missing info", QUIET], says=["record suggests"]),
    shows("flag-only", "A safety flag alone tells of a probable pump", opened(flag("Baclofen pump"), drop=("pump-1", "itb-1", "refill-1", "alarm-1", "volume-1", "implant-1", "concentration-1")),
        [INCOMPLETE, QUIET], says=["record suggests"]),
    shows("device-in-error", "A device entered in error is no device, but the drug still tells of a pump", opened(swap=[device(status="entered-in-error")]), [INCOMPLETE, QUIET]),
    shows("appointments-missing", "A list of appointments that was not delivered is named on the card", opened(withhold=("Appointment",)), [QUIET], says=["not seen", "appointments"]),
    shows("observations-missing", "Without observations a card of its own says so, and the summary says it too", opened(withhold=("Observation",)),
        ["itb-not-assessed info", QUIET], says=["observations", "Low-reservoir date: not known here"]),
    shows("oral-only", "A patient who takes baclofen tablets only has no pump and gets no card", chart_opening(
        [patient(), statement("oral", TABLET, "active", "2026-01-10", dosage=oral(None, 10, 3)), condition("ms", concept(ICD10, "G35", "Multiple sclerosis"), onset="2015-04-01")]), []),
    shows("empty-chart", "An empty chart gets no card", chart_opening([patient()]), []),
    shows("insulin-pump", "An insulin pump is another device and brings no card", chart_opening(
        [patient(), device(model=None, name="Insulin pump", type=concept("http://snomed.info/sct", "69805005", "Insulin pump"))]), []),
    shows("family-history", "A pump in the family history is never taken as the patient's", chart_opening([patient(), condition("fh", {"text": "Family history of baclofen pump"}, onset="2020-01-01")]), []),
    shows("morphine-pump", "A pump that holds morphine only brings no card", opened(MORPHINE, drop=("itb-1", "oral-rescue", "refill-1")), []),
    shows("taken-out-long-ago", "A pump that was taken out three weeks ago brings no card", opened(procedure("out", REMOVE, "2026-05-25"), drop=("itb-1",)), []),
    shows("deceased", "A patient who has died gets no card", opened(swap=[patient(deceasedBoolean=True)]), []),
    shows("ordering", "The pump summary is not shown while ordering", ordering(pump_chart(), [order("xray", {"text": "Chest X-ray"})]), []),
    shows(
        "six-urgent-findings",
        "Of six urgent findings the first five are shown, and the summary on top of them",
        opened(
            fault("motor-stall"),
            ill("T85.610A", "Breakdown of epidural and subdural infusion catheter", id="catheter"),
            ill("T85.735A", "Infection of cranial or spinal infusion catheter", id="infection"),
            pump_data("eri", "elective-replacement-date", "2026-06-01", "@2026-03-01"),
            temperature(38.6),
            swap=[OVERDUE],
        ),
        [
            "itb-refill-due critical",
            "itb-pump-end-of-service critical",
            "itb-device-fault critical",
            "itb-catheter-problem critical",
            "itb-withdrawal-suspected critical",
            QUIET,
        ],
    ),
    shows("legacy-unit", "A dose in mcg per day is read as micrograms", opened(swap=[itb_statement(unit="mcg/day")]), [QUIET], says=["400 µg/day"]),
    shows("dose-in-milligrams", "A dose of 0.4 mg per day is told as 400 micrograms", opened(swap=[itb_statement(dose=0.4, unit="mg/d")]), [QUIET], says=["400 µg/day"]),
    shows("dose-per-hour", "A dose per hour is told per day", opened(swap=[itb_statement(dose=20, unit="ug/h")]), [QUIET], says=["480 µg/day"]),
    shows("dose-programmed", "The newest programmed dose is shown", opened(pump_data("dose-1", "daily-dose", "2026-03-01", quantity(450, "ug/d"))), [QUIET], says=["450 µg/day", "1 Mar 2026"]),
]
