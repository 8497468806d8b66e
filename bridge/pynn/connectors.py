"""PyNN's connectors where PyNN 0.13 needs help."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from pyNN import connectors


class OneToOneConnector(connectors.OneToOneConnector):  # type: ignore[misc]
    __doc__ = connectors.OneToOneConnector.__doc__

    def _standard_connect(
        self,
        projection: Any,
        connection_map_generator: Callable[..., Iterable[Any]],
        distance_map: Any = None,
    ) -> None:
        """Of one presynaptic cell a column is a number, whose ``nonzero`` numpy 2.1 refuses."""

        def columns(*given: Any) -> Iterable[Any]:
            found = connection_map_generator(*given)
            return (mask if mask is True else np.atleast_1d(mask) for mask in found)

        super()._standard_connect(projection, columns, distance_map)
