"""What was decided, without patient data: the call on record, its recorder, queries, reports, versions, metrics,
health."""
