"""The town that a photo was taken in or near, from its place; what is known of towns lies in `resources/towns.npz`.

They are GeoNames' (CC BY 4.0): those over 15,000 people, and capitals. `packaging/compact_towns.py` makes the file;
it is read when the first place is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt

from photofind.core.records.arrays import Pixels, Vectors
from photofind.resources import resource

# Farther away than this a town says nothing of a photo.
NEAR_KM: Final = 30
# Out there the country is told, where this many of the nearest towns, all of them this near, lie in one.
_WITNESSES, _COUNTRY_KM = 3, 300
_EARTH_KM = 6_371
_DEGREES_A_STEP = np.array([90, 180]) / 32_767


def place_words(latitude: float | None, longitude: float | None) -> list[str]:
    """Return the names of where a photo was taken, degrees north and east: town, region and country, or none.

    In English and as the country itself writes it. The country is the town's: near a border it may be the wrong one.
    """
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return []
    towns = _towns()
    kilometres = towns.distances(latitude, longitude)
    nearest = int(kilometres.argmin())
    if kilometres[nearest] > NEAR_KM:
        return towns.country_far_out(kilometres)
    found = dict.fromkeys(chain(towns.names[nearest], towns.names[towns.largest_around(nearest, kilometres)]))
    region = towns.regions[nearest]
    return list(found | dict.fromkeys(towns.region_names[region] + towns.country_names[towns.countries[region]]))


class _Lines:
    """Lines of names, one a town, region or country; kept as bytes, since few of them are ever asked for."""

    def __init__(self, text: Pixels) -> None:
        self._text = text.tobytes()
        self._ends = np.flatnonzero(text == ord("\n"))

    def __getitem__(self, line: int) -> list[str]:
        start = int(self._ends[line - 1]) + 1 if line else 0
        return [name for name in self._text[start : int(self._ends[line])].decode().split("\t") if name]


@dataclass(frozen=True, slots=True)
class _Towns:
    """All towns: `directions` unit vectors [3, n]; `regions` a number each; `reach` the radius of a large one in km.

    `countries` is the country's number by region.
    """

    directions: Vectors
    regions: npt.NDArray[np.uint16]
    reach: Pixels
    countries: Pixels
    names: _Lines
    region_names: _Lines
    country_names: _Lines

    def distances(self, latitude: float, longitude: float) -> Vectors:
        """Return how far each town is from a place, in kilometres."""
        x, y, z = self.directions - _directions(np.array([[latitude, longitude]]))
        # Straight through the earth: 30 m less in 300 km, while cosines of single precision are off by kilometres.
        return np.asarray(np.sqrt(x * x + y * y + z * z) * np.float32(_EARTH_KM))

    def largest_around(self, nearest: int, kilometres: Vectors) -> int:
        """Return the largest town of the nearest one's region that reaches as far, or the nearest itself."""
        around = (kilometres <= self.reach) & (self.regions == self.regions[nearest])
        largest = int(np.where(around, self.reach, 0).argmax())
        return largest if around[largest] else nearest

    def country_far_out(self, kilometres: Vectors) -> list[str]:
        """Return the names of the country that all of the nearest towns lie in, far from any of them; or none."""
        witnesses = np.argpartition(kilometres, _WITNESSES)[:_WITNESSES]
        countries = set(self.countries[self.regions[witnesses]].tolist())
        if len(countries) > 1 or kilometres[witnesses].max() > _COUNTRY_KM:
            return []
        return self.country_names[countries.pop()]


def _directions(places: npt.NDArray[np.float64]) -> Vectors:
    latitudes, longitudes = np.radians(places).T
    level = np.cos(latitudes)
    return np.stack([level * np.cos(longitudes), level * np.sin(longitudes), np.sin(latitudes)]).astype(np.float32)


@cache
def _towns() -> _Towns:
    with np.load(resource("towns.npz")) as kept:
        return _Towns(
            _directions(kept["places"] * _DEGREES_A_STEP),
            kept["regions"],
            kept["reach"],
            kept["countries"],
            *(_Lines(kept[name]) for name in ("names", "region_names", "country_names")),
        )
