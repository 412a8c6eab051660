"""The levels of the proof that there are, in the order in which they run."""

from collections.abc import Mapping

from . import level_a, level_b, level_c, level_d, level_e, level_f, level_g, level_h, level_i
from .score import Level

_ALL: tuple[Level, ...] = (
    level_a,
    level_b,
    level_c,
    level_d,
    level_e,
    level_f,
    level_g,
    level_h,
    level_i,
)
LEVELS: Mapping[str, Level] = {level.LETTER: level for level in _ALL}
