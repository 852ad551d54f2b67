"""What is left of a scenario that has faults: the parts that can be judged without the others.

A fault in one policy then does not hide that nobody makes what another one is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pricing.chains.assumptions import Assumptions
from pricing.chains.schema import Chain
from pricing.core.declared import Known, RegionId
from pricing.core.sources import source_keys
from pricing.instruments import AnyPolicy
from pricing.scenarios.known import names_in
from pricing.scenarios.schema import ScenarioDocument

DECISIVE = {"horizon", "latent", "transshipments", "year"}
"""Assumptions without which nobody knows what policies may do."""
LAYERS = {"higher_of", "layers", "yields_to"}
"""Fields of policies that name other policies."""
_POLICY: TypeAdapter[Any] = TypeAdapter(AnyPolicy)
_ZONE: TypeAdapter[Any] = TypeAdapter(tuple[RegionId, ...])
_STAND_IN = {"text": "stands for any source", "date": "2000", "grade": "official"}


def rest_of(data: Mapping[str, Any], chain: Chain) -> ScenarioDocument | None:
    """The zones, assumptions and policies that are right; None if too much else hangs on the rest.

    Left out with a fault is what names it: a policy that yields to a wrong one, or is about a wrong
    zone. Sources and texts are stand-ins.
    """
    known = names_in(chain, data)
    assumptions = _right_assumptions(data.get("assumptions", {}), known)
    if assumptions is None:
        return None
    given, zones = data.get("zones", {}), dict[str, Any]()
    for name, members in given.items() if isinstance(given, Mapping) else ():
        if members and _fits(_ZONE, members, known):
            zones[name] = members
    lost = {str(name) for name in given if name not in zones} if given else set()
    policies = _right_policies(data.get("policies", ()), known, lost)
    parts = {"assumptions": assumptions, "zones": zones, "policies": policies}
    stand_ins = {
        "sources": {key: _STAND_IN for key, _ in source_keys(parts)},
        **dict.fromkeys(("id", "title", "description"), "rest"),
        "chain": data["chain"],
    }
    try:
        return ScenarioDocument.model_validate(parts | stand_ins)
    except ValidationError:
        return None  # the parts do not fit each other, as is said already


def _fits(adapter: TypeAdapter[Any], part: Any, known: Known) -> bool:
    """Whether a part is right, names and all."""
    try:
        adapter.validate_python(part, context=known)
    except ValidationError:
        return False
    return True


def _right_assumptions(data: Any, known: Known) -> dict[str, Any] | None:
    """Assumptions without those that are wrong; None if one of these is decisive."""
    if not isinstance(data, Mapping):
        return None
    try:
        Assumptions.model_validate(data, context=known)
    except ValidationError as error:
        wrong = {str(item["loc"][0]) if item["loc"] else "" for item in error.errors()}
        if wrong & (DECISIVE | {""}):
            return None
        return {key: value for key, value in data.items() if key not in wrong}
    return dict(data)


def _right_policies(data: Any, known: Known, lost: set[str]) -> list[Any]:
    """Policies that are right and name neither a lost zone nor a policy that is left out."""
    given = [p for p in data if isinstance(p, dict)] if isinstance(data, list | tuple) else []
    right = [
        policy
        for policy in given
        if _fits(_POLICY, policy, known) and not lost & set(_texts(policy))
    ]
    while True:
        ids = [policy["id"] for policy in right]
        gone = {str(policy.get("id")) for policy in given} - set(ids)
        kept = [
            policy
            for n, policy in enumerate(right)
            if policy["id"] not in ids[:n] and not gone & set(_layers(policy))
        ]
        if len(kept) == len(right):
            return kept
        right = kept


def _texts(part: Any) -> Iterator[str]:
    """Every text below."""
    if isinstance(part, Mapping):
        part = part.values()
    elif not isinstance(part, list | tuple):
        yield from [part] if isinstance(part, str) else []
        return
    for item in part:
        yield from _texts(item)


def _layers(part: Mapping[str, Any]) -> Iterator[str]:
    """Every layer that the data of a policy name."""
    for key, value in part.items():
        if key in LAYERS:
            yield from _texts(value)
        elif isinstance(value, Mapping):
            yield from _layers(value)


def layers_of(policy: AnyPolicy) -> Iterator[str]:
    """Every duty layer that a policy names."""
    yield from _layers(policy.model_dump())
