"""Comparing results: spikes, traces, statistics, convergence, one verdict, one report."""

from __future__ import annotations

from .comparison import Comparison, compare_columns
from .convergence import Convergence, convergence
from .pairs import Pair
from .statistics import Effect, StatisticsComparison, compare_statistics
from .verdict import Verdict

__all__ = [
    "Comparison",
    "Convergence",
    "Effect",
    "Pair",
    "StatisticsComparison",
    "Verdict",
    "compare_columns",
    "compare_statistics",
    "convergence",
]
