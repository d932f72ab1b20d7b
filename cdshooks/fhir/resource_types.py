"""The members of FHIR resources that the rules need, for R4, R4B, R5, STU3 and DSTU2 together.

One struct a resource type, told apart by ``resourceType``. Every member stays `Raw`: its bytes are not looked at until
somebody asks for it, and then they are read leniently by `cdshooks.fhir.json_values`. So decoding a body builds next to
nothing for resources that say nothing about a pump, and an odd ``category`` or ``dosage`` costs nobody anything.
Members that no rule needs are skipped by the decoder; all other FHIR resource types are empty structs.

What this decoding rejects (unknown resource types, entries that are not objects …) is read piece by piece, see
`cdshooks.fhir.bundles`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

import msgspec
from msgspec import Raw, Struct

from cdshooks.fhir.json_values import NOTHING


class Resource(Struct, gc=False, tag_field="resourceType"):
    """A FHIR resource. Members are named as in FHIR (``class`` is ``class_``); use `member` where a type may lack
    one."""

    id: Raw = NOTHING

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Raw: ...


def member(resource: Resource, name: str) -> Raw:
    return getattr(resource, name, NOTHING)


# The members stand in the order in which servers usually write them: the decoder then finds each at the first look.
_WHO = "subject patient encounter context"
_MEDICATION = f"medicationCodeableConcept medicationReference medication {_WHO}"
_REASONS = "reasonCode reasonCodeableConcept reasonReference reason"
_ORDER = f"""
meta contained extension status intent category doNotPerform code orderDetail quantityQuantity {_WHO} occurrenceDateTime occurrencePeriod occurrenceTiming
scheduledDateTime scheduledPeriod scheduledTiming authoredOn orderedOn {_REASONS} supportingInfo supportingInformation bodySite note notes
patientInstruction event item
"""
_REQUEST = f"""
meta contained status statusReason intent category doNotPerform reportedBoolean reported reportedReference informationSource {_MEDICATION}
authoredOn dateWritten {_REASONS} note dosageInstruction
"""
_STATEMENT = f"""
meta contained extension status statusReason category {_MEDICATION} effectiveDateTime effectivePeriod dateAsserted {_REASONS} note dosage
adherence taken wasNotTaken reasonNotTaken reasonForUseCodeableConcept reasonForUseReference
"""
_DEVICE_USE = "meta contained status subject patient device note"

_MEMBERS = {
    "Patient": "gender birthDate deceasedBoolean deceasedDateTime link",
    "Device": """meta contained definition udiCarrier udi status statusReason manufacturer model modelNumber serialNumber deviceName name type note
        subject patient""",
    "DeviceUseStatement": _DEVICE_USE,
    "DeviceUsage": _DEVICE_USE,
    "DeviceAssociation": _DEVICE_USE,
    "Medication": "contained identifier code status form doseForm ingredient product",
    "MedicationRequest": _REQUEST,
    "MedicationOrder": _REQUEST,
    "MedicationStatement": _STATEMENT,
    "MedicationUsage": _STATEMENT,
    "MedicationAdministration": f"""meta contained status statusReason category {_MEDICATION} effectiveDateTime effectivePeriod effectiveTimeDateTime
        effectiveTimePeriod occurenceDateTime occurencePeriod occurrenceDateTime occurrencePeriod {_REASONS} note dosage wasNotGiven notGiven""",
    "Condition": f"""meta clinicalStatus verificationStatus category severity code bodySite {_WHO} onsetDateTime onsetPeriod onsetAge onsetQuantity onsetRange
        onsetString abatementDateTime abatementPeriod abatementBoolean abatementAge abatementQuantity abatementRange abatementString abatement
        recordedDate assertedDate dateRecorded stage note notes""",
    "Observation": f"""meta partOf status code {_WHO} effectiveDateTime effectivePeriod effectiveInstant issued valueQuantity valueCodeableConcept
        valueString valueBoolean valueInteger valueRange valueRatio valueDateTime dataAbsentReason
        interpretation note comment comments bodySite referenceRange component""",
    "Procedure": f"""meta contained extension partOf status notPerformed notDone category code {_WHO} performedDateTime performedPeriod occurrenceDateTime
        occurrencePeriod {_REASONS} bodySite outcome note notes focalDevice usedReference used usedCode""",
    "ServiceRequest": _ORDER,
    "ProcedureRequest": _ORDER,
    "ReferralRequest": _ORDER,
    "DiagnosticOrder": _ORDER,
    "DiagnosticRequest": _ORDER,
    "AllergyIntolerance": "meta clinicalStatus verificationStatus type status criticality code substance subject patient reaction note",
    "Appointment": """meta status serviceCategory serviceType specialty appointmentType type reasonCode reason description start requestedPeriod created comment
        patientInstruction note subject participant""",
    "CarePlan": "meta status intent category title description subject patient period created activity note",
    "Encounter": """meta contained extension status class_ type serviceType subject patient period actualPeriod
    reasonCode reasonReference reason indication diagnosis
        hospitalization admission""",
    "ImagingStudy": "meta status availability modality modalityList subject patient started series description",
    "DetectedIssue": "meta status category code subject patient identifiedDateTime identifiedPeriod date detail",
    "Flag": f"meta status category code {_WHO} period",
    "Communication": f"meta status category topic {_WHO} sent received reasonCode reason payload",
    "DiagnosticReport": f"meta status category code {_WHO} effectiveDateTime effectivePeriod issued conclusion conclusionCode codedDiagnosis",
    "OperationOutcome": "issue",
}

_OTHERS = """
Account ActivityDefinition ActorDefinition AdministrableProductDefinition AdverseEvent AppointmentResponse ArtifactAssessment AuditEvent Basic Binary
BiologicallyDerivedProduct BiologicallyDerivedProductDispense BodySite BodyStructure CapabilityStatement CareTeam CatalogEntry ChargeItem
ChargeItemDefinition Citation Claim ClaimResponse ClinicalImpression ClinicalUseDefinition CodeSystem CommunicationRequest CompartmentDefinition
Composition ConceptMap ConditionDefinition Conformance Consent Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DataElement
DeviceComponent DeviceDefinition DeviceDispense DeviceMetric DeviceRequest DeviceUseRequest DocumentManifest DocumentReference EffectEvidenceSynthesis
EligibilityRequest EligibilityResponse EncounterHistory Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence
EvidenceReport EvidenceVariable ExampleScenario ExpansionProfile ExplanationOfBenefit FamilyMemberHistory FormularyItem GenomicStudy Goal
GraphDefinition Group GuidanceResponse HealthcareService ImagingManifest ImagingObjectSelection ImagingSelection Immunization ImmunizationEvaluation
ImmunizationRecommendation ImplementationGuide Ingredient InsurancePlan InventoryItem InventoryReport Invoice Library Linkage List Location
ManufacturedItemDefinition Measure MeasureReport Media MedicationDispense MedicationKnowledge MedicinalProduct MedicinalProductDefinition
MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionIntake NutritionOrder NutritionProduct ObservationDefinition
OperationDefinition Order OrderResponse Organization OrganizationAffiliation PackagedProductDefinition Parameters PaymentNotice
PaymentReconciliation Permission Person PlanDefinition Practitioner PractitionerRole ProcessRequest ProcessResponse Provenance Questionnaire
QuestionnaireResponse RegulatedAuthorization RelatedPerson Requirements ResearchDefinition
ResearchElementDefinition ResearchStudy ResearchSubject RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter Sequence ServiceDefinition
Slot Specimen SpecimenDefinition StructureDefinition StructureMap Subscription SubscriptionStatus SubscriptionTopic Substance
SubstanceDefinition SubstanceNucleicAcid SubstancePolymer SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial
SubstanceSpecification SupplyDelivery SupplyRequest Task TerminologyCapabilities TestPlan TestReport TestScript Transport ValueSet
VerificationResult VisionPrescription
""".split()


def _shape(name: str, members: str) -> type[Any]:
    fields = [(member, Raw, NOTHING) for member in members.split()]
    return msgspec.defstruct(name, fields, bases=(Resource,), tag=name, rename={"class_": "class"}, gc=False)


class Ignored(Struct, gc=False, tag_field="resourceType"):
    """A resource of a type that no rule reads: nothing of it is built."""


TYPES: dict[str, type[Any]] = {name: _shape(name, members) for name, members in _MEMBERS.items()}
"""Resource type name to struct, for all FHIR resource types but Bundle."""
TYPES |= {name: msgspec.defstruct(name, [], bases=(Ignored,), tag=name, gc=False) for name in _OTHERS}
GROUPS: dict[type[Any], str] = {
    msgspec.defstruct(name, [("contained", Raw, NOTHING)], bases=(Ignored,), tag=name, gc=False): name
    for name in ("RequestGroup", "RequestOrchestration")
}
"""Orders that belong together: what they contain is read among draft orders, and nowhere else."""
TYPES |= {name: shape for shape, name in GROUPS.items()}

Glanced: Any = msgspec.defstruct(
    "Glanced", [(name, Raw, NOTHING) for name in ("code", "component")], bases=(Ignored,), tag="Observation", gc=False
)
"""An Observation of which no more is built than what it is about."""

NAMES: dict[type, str] = {shape: name for name, shape in TYPES.items()} | {Glanced: "Observation"}

AnyResource: Any = Union[tuple(TYPES.values())]  # noqa: UP007  (built from a table)
AnyGlanced: Any = Union[tuple((TYPES | {"Observation": Glanced}).values())]  # noqa: UP007


class Matched(Struct, gc=False, tag_field="mode", tag="match"):
    """What ``search`` of an entry says: that the search asked for it."""


class Included(Struct, gc=False, tag_field="mode", tag="include"):
    """That it came along with a match."""


class Remark(Struct, gc=False, tag_field="mode", tag="outcome"):
    """That it speaks of the search."""


class Entry(Struct, gc=False, kw_only=True):
    """An entry that holds a resource of a known type, and does not answer with an HTTP status. `bundles` reads all
    others."""

    fullUrl: Raw = NOTHING
    resource: AnyResource
    search: Matched | Included | Remark | None = None
    response: None = None


class Bundle(Struct, gc=False, tag_field="resourceType", tag="Bundle"):
    total: int | None = None
    link: Raw = NOTHING
    entry: list[Entry] | None = None


Member: Any = Union[(Bundle, *TYPES.values(), None)]
"""A prefetch member whose resources are all of known types: a Bundle, a resource or null.

``dict[str, Member]`` decodes a whole ``prefetch`` object in one pass over the bytes."""


class GlancedEntry(Entry, gc=False, kw_only=True):
    resource: AnyGlanced


class GlancedBundle(Bundle, gc=False, tag_field="resourceType", tag="Bundle"):
    entry: list[GlancedEntry] | None = None  # type: ignore[assignment]  # of entries that are narrower


GlancedMember: Any = Union[(GlancedBundle, *AnyGlanced.__args__, None)]
"""As `Member`, with its Observations `Glanced`: two thirds of a chart, and only a patient with a pump needs them
whole."""
