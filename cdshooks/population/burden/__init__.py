"""Alert burden: which cards would have been shown in a period, had the service been asked at each opening of a chart
and at each order.

    moments   `moment_of` a resource: an Encounter that starts is a patient-view, an order that is written an order-select
    then      `known_then`: what was known at a time, of all that is known today
    replay    `Replay.calls`: the hook calls of one patient, each judged as of its time; `alert.FiredAlert` rows
    asked     how many calls there would have been in all, for everybody; `Asking.ask_lines` finds patients by an order
    counts    `BurdenCounts`: cards by day, rule and hook, and what the settings of the site keep back
    limits    what cannot be reconstructed, in sentences
"""
