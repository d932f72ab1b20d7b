from __future__ import annotations

from rules.interactions.alcohol import RULE as ALCOHOL
from rules.interactions.cns_anaesthetic import RULE as CNS_ANAESTHETIC
from rules.interactions.cns_anticonvulsant import RULE as CNS_ANTICONVULSANT
from rules.interactions.cns_antihistamine import RULE as CNS_ANTIHISTAMINE
from rules.interactions.cns_benzodiazepine import RULE as CNS_BENZODIAZEPINE
from rules.interactions.cns_combination import RULE as CNS_COMBINATION
from rules.interactions.cns_muscle_relaxant import RULE as CNS_MUSCLE_RELAXANT
from rules.interactions.cns_opioid import RULE as CNS_OPIOID
from rules.interactions.cns_psychotropic import RULE as CNS_PSYCHOTROPIC
from rules.interactions.cns_sedative_hypnotic import RULE as CNS_SEDATIVE_HYPNOTIC
from rules.interactions.oral_baclofen_added import RULE as ORAL_BACLOFEN_ADDED

RULES = (
    CNS_OPIOID,
    CNS_BENZODIAZEPINE,
    CNS_SEDATIVE_HYPNOTIC,
    CNS_MUSCLE_RELAXANT,
    CNS_ANTIHISTAMINE,
    CNS_ANTICONVULSANT,
    CNS_PSYCHOTROPIC,
    CNS_ANAESTHETIC,
    CNS_COMBINATION,
    ALCOHOL,
    ORAL_BACLOFEN_ADDED,
)
