"""Settings for every test."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The machine is shared: a slow draw is no failure. Examples are the same in every run.
settings.register_profile(
    "spikebridge",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("spikebridge")
