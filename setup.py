"""Short folder names in the repository, one namespace once installed (see pyproject.toml).

`bridge/` becomes `spikebridge` and `models/` becomes `spikebridge.models`; a new subpackage needs
only its `__init__.py`.
"""

from setuptools import find_packages, setup

setup(
    package_dir={"spikebridge": "bridge", "spikebridge.models": "models"},
    packages=[
        "spikebridge",
        *(f"spikebridge.{name}" for name in find_packages("bridge")),
        "spikebridge.models",
    ],
)
