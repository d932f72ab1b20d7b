"""FHIR of any version: resource types, bundles, availability of lists, references, ownership, dosage, units, times,
lenient JSON. No rule, no network."""
