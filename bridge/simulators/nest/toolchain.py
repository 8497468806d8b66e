"""NESTML text to a loaded NEST extension module: the calls that the rest of spikebridge uses."""

from __future__ import annotations

from .doctor import Check, doctor
from .install import install
from .modules import Module, build, build_each

__all__ = ["Check", "Module", "build", "build_each", "doctor", "install"]
