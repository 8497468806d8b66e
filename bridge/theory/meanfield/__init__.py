"""Dynamic mean-field theory of any network: input -> output -> input, whatever the unit.

`mean_field` solves for the stationary state, `populations` adds what units have in common,
`transient` follows a change of the input.
"""

from .classify import Classes, classify
from .populations import Populations, populations
from .result import Activity, MeanField
from .stationary import mean_field
from .transient import Course, Transient, transient

__all__ = [
    "Activity",
    "Classes",
    "Course",
    "MeanField",
    "Populations",
    "Transient",
    "classify",
    "mean_field",
    "populations",
    "transient",
]
