"""How many images of an attacked set one job attacks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from workflow_scripts.planning.resources.attacks import passes
from workflow_scripts.planning.resources.images import Images
from workflow_scripts.planning.resources.networks import Network

ATTACKED_AT_ONCE = 50
"""Images per batch of an attack: a smaller shard would only leave the processor or GPU idle."""
OPERATIONS_PER_HOUR = 21_060 * 10**12
"""Operations of an hour, as `max_shard_hours` counts them: 30% of the 19.5 TFLOP/s of an A100 in float32.

Part of the meaning of that key, and so of the identity of what is made with it: unlike the rate that run times are
estimated with, it does not follow measurements.
"""


def shard_size(
    attack: str,
    settings: Mapping[str, object],
    images: Images,
    network: Network,
    *,
    largest: int,
    max_hours: Fraction | None,
) -> int:
    """Images per shard: `largest`, or fewer where an attack on them would take longer than `max_hours`.

    A pure function of what the configuration says of the attack, the data set and the victim. A size below `largest`
    is rounded down to 1, 2 or 5 times a power of ten, and is at least one batch.
    """
    if max_hours is None:
        return largest
    operations = passes(attack, settings, images) * network.operations
    return min(largest, max(ATTACKED_AT_ONCE, round_down(max_hours * OPERATIONS_PER_HOUR / Fraction(operations))))


def round_down(count: Fraction | float) -> int:
    """The largest of 1, 2, 5, 10, 20, 50, … that is at most `count`, or 1."""
    power = 10 ** math.floor(math.log10(max(1, count)))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= max(1, count))
