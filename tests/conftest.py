"""Settings for every test."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# The machine is shared: a slow draw is no failure. Examples are the same in every run.
settings.register_profile(
    "spikebridge",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("spikebridge")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `full` run only where they are asked for."""
    if "SPIKEBRIDGE_FULL" in os.environ:
        return
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.skip(reason="set SPIKEBRIDGE_FULL=1"))
