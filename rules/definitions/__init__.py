"""What several rules mean by the same words. Each definition is a pure function of the chart.

who            state, implants, pump_make, patient, establishing
the pump       low_reservoir, refills, refilling, residual, service_life, faults, field_actions, interrogation, screening
the therapy    therapy, ordered_doses, changes, pauses, stops, interruption, treatments
signs          signs, symptoms, findings, complaints, tone, ashworth, prodrome, breathing, overdose_signs, withdrawal,
               mimics, direction, results
orders         orders, proposals, insertion, limits, antithrombotics, coagulation, infections, leaving
not readable   unread, unread_entries, unsettled_signs, unplaced_drugs, told_of_unread
entries        status (which entries count: entered in error, stopped, planned), times, once_a_chart
"""
