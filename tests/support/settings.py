"""A setting that instruments may look at, small enough to check by hand."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import pytest
from pydantic import ValidationError

from pricing.core.faults import faults_of
from pricing.errors import Fault, InputError
from pricing.instruments.policy import Policy
from pricing.instruments.terms import Setting, Terms

AnyKind = TypeVar("AnyKind", bound=Policy)

REGIONS = ("Mine", "Left", "Right", "Port")
"""``Left`` and ``Right`` are one customs union."""
GOODS = ("ore", "metal", "part")
ORE, METAL, PART = range(3)
MINE, LEFT, RIGHT, PORT = range(4)


def setting(year: int | None = None) -> Setting:
    """Mine digs ore; Mine and Left smelt 2 t of it into metal; Right makes parts from metal."""
    processes = ("dig", "smelt_mine", "smelt_left", "smelt_left_2", "press")
    output = np.zeros((5, 3))
    output[[0, 1, 2, 3, 4], [ORE, METAL, METAL, METAL, PART]] = [1.0, 1.0, 1.0, 0.5, 1.0]
    recipe = np.zeros((3, 3))
    recipe[METAL, ORE], recipe[PART, METAL] = 2.0, 0.25
    inputs = np.zeros((5, 3))
    inputs[[1, 2, 3, 4], [ORE, ORE, ORE, METAL]] = [2.0, 2.0, 1.0, 0.25]
    flow = np.zeros((3, 4, 4))
    flow[ORE, MINE, [MINE, LEFT]] = [20.0, 60.0]
    flow[METAL, MINE, [LEFT, RIGHT]] = [3.0, 7.0]
    flow[METAL, LEFT, [LEFT, RIGHT]] = [2.0, 28.0]
    flow[PART, RIGHT] = [10.0, 20.0, 100.0, 30.0]
    made = np.array([[80.0, 0.0, 0.0, 0.0], [10.0, 30.0, 0.0, 0.0], [0.0, 0.0, 160.0, 0.0]])
    return Setting(
        goods=GOODS,
        regions=REGIONS,
        territory=("Mine", "Union", "Union", "Port"),
        zones={"club": ("Left", "Right"), "half": ("Left",), "wide": ("Left", "Right", "Port")},
        bases={"ore": {"t contained": 0.5}, "metal": {}, "part": {}},
        processes=processes,
        process_region=np.array([MINE, MINE, LEFT, LEFT, RIGHT]),
        output=output,
        recipe=recipe,
        inputs=inputs,
        benchmark_output=made,
        benchmark_flow=flow,
        price_scale=np.array([100.0, 1000.0, 600.0]),
        quantity_scale=np.where(made > 0.0, made, 5.0),
        one_price=np.zeros(3, dtype=bool),
        composite=np.zeros(3, dtype=bool),
        true_origin=np.arange(4),
        sold_as=np.arange(4),
        # dig 40; two smelters of 2 t of ore at 50 and 60 a tonne, one of 1 t for half a tonne.
        unit_cost=np.array([40.0, 2 * 50.0 + 500.0, 2 * 60.0 + 780.0, 60.0 + 640.0, 300.0]),
        size=np.array([100.0, 10.0, 25.0, 30.0, 200.0]),
        year=year,
    )


def policy(kind: type[AnyKind], **fields: Any) -> AnyKind:
    """A policy called ``p``."""
    return kind.model_validate({"id": "p", "source": "test"} | fields)


def applied(one: Policy) -> Terms:
    """What a policy adds."""
    terms = Terms((len(GOODS), len(REGIONS)))
    one.apply(setting(), terms)
    return terms


def only_fault(one: Policy) -> Fault:
    """The one fault that a policy has in this setting."""
    with pytest.raises(InputError) as caught:
        applied(one)
    (fault,) = caught.value.faults
    return fault


def refused(kind: type[Policy], **fields: Any) -> str:
    """What is wrong with the document of a policy."""
    with pytest.raises(ValidationError) as caught:
        policy(kind, **fields)
    (fault,) = faults_of(caught.value, model=kind)
    return fault.problem
