"""Lines with ordinary faults, drawn from a seed."""

from __future__ import annotations

import random

from tests.simulator.script import Ambience, Codec, Line, Trunk

CODED = tuple(codec for codec in Codec if codec is not Codec.NONE)
"""Half of the recordings are coded, by any of these."""


def draw_line(rng: random.Random, *, is_mixed: bool) -> Line:
    """A line with ordinary faults: every one of them on some calls."""
    return Line(
        is_mixed=is_mixed,
        noise_dbfs=rng.uniform(-68, -50),
        agent_dbfs=rng.uniform(-26, -17),
        customer_dbfs=rng.uniform(-30, -19),
        echo_db=rng.choice((None, None, rng.uniform(-32, -18))),
        echo_delay_ms=rng.randint(20, 180),
        crosstalk_db=rng.choice((None, None, rng.uniform(-45, -32))),
        clip_dbfs=rng.choice((None, None, None, rng.uniform(-10, -4))),
        loss=rng.choice((0.0, 0.0, rng.uniform(0.002, 0.03))),
        codec=rng.choice((Codec.NONE,) * len(CODED) + CODED),
        is_gated=rng.random() < 0.15,
        trunk=rng.choice((Trunk.ALAW, Trunk.ALAW, Trunk.MULAW, Trunk.LINEAR)),
        ambience=draw_ambience(rng),
    )


def draw_ambience(rng: random.Random) -> Ambience:
    """Sounds around the parties; every kind of them on some calls."""
    return Ambience(
        swell_db=rng.choice((0.0, 0.0, rng.uniform(1, 4))),
        traffic_dbfs=rng.choice((None,) * 4 + (rng.uniform(-46, -32),)),
        breath_dbfs=rng.choice((None,) * 4 + (rng.uniform(-52, -42),)),
        click_dbfs=rng.choice((None,) * 4 + (rng.uniform(-40, -28),)),
        neighbour_dbfs=rng.choice((None,) * 4 + (rng.uniform(-56, -46),)),
    )
