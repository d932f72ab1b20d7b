"""The only door to the network: a guarded GET, its sockets, the FHIR client and its circuit breaker."""
