"""How fixed points and cycles change with parameters: branches, curves, and their special points.

`branches` follows fixed points against one parameter, `cycle_branch` a cycle, `curves` folds and
Hopf points against two.
"""

from .cycle_branches import CycleBranch, cycle_branch
from .cycle_ends import End
from .cycle_points import SpecialCycle
from .equilibria import Branch, branches
from .meetings import Meeting
from .special import Special
from .two_parameters import BifurcationCurve, curves

__all__ = [
    "BifurcationCurve",
    "Branch",
    "CycleBranch",
    "End",
    "Meeting",
    "Special",
    "SpecialCycle",
    "branches",
    "curves",
    "cycle_branch",
]
