"""What CDS Hooks says on the wire: bodies, requests, the catalogue of services and prefetch templates, errors, CORS. No
FHIR resource is decoded here."""
