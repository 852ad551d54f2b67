"""How any two instruments stack on one route, plant or good; ``docs/stacking.md`` is made of it.

``python -m tests.support.stacking`` writes the document. That it holds is tested by solving each
pair under each law (``tests/properties/test_every_instrument.py``).
"""

from __future__ import annotations

from pathlib import Path

from pricing.economics.sourcing import Law
from pricing.editing.forms import policy_forms

DOCUMENT = Path(__file__).parents[2] / "docs" / "stacking.md"
KINDS = tuple(policy_forms())
Pair = tuple[str, str]

LOGIT, ONE_PRICE, CES = Law.LOGIT, Law.HOMOGENEOUS, Law.ARMINGTON
EVERY = (LOGIT, ONE_PRICE, CES)
BY_ORIGIN = (LOGIT, CES)
"""Laws under which each origin has a price of its own."""
HIDDEN = "origin_rule"
"""Acts on disguised routes, which goods of the armington law have not."""

_FLOORS = "both hold up the price"
REFUSED: dict[Pair, tuple[str, tuple[Law, ...]]] = {
    ("reference_price", "undertaking"): (_FLOORS, EVERY),
    ("minimum_import_price", "undertaking"): (_FLOORS, BY_ORIGIN),
    ("undertaking", "undertaking"): (_FLOORS, EVERY),
    ("stepped_safeguard", "minimum_import_price"): ("would be filled twice", BY_ORIGIN),
    ("entry_price", "minimum_import_price"): ("would be filled twice", BY_ORIGIN),
    ("price_guarantee", "price_guarantee"): ("pay more than the whole shortfall", EVERY),
    ("intervention_purchase", "intervention_purchase"): ("both buy g1 in one region", EVERY),
    ("margin_guarantee", "margin_guarantee"): ("both make up the earnings of", EVERY),
    ("offtake", "offtake"): ("the same tonnes would serve both", EVERY),
    ("offtake", "production_quota"): ("nothing is left that its rent could ration", EVERY),
}
"""Pairs that contradict each other at any size, but for a contract that asks for more than a quota
lets pass -> why, and under which laws."""
TWICE: set[Pair] = {
    ("tariff_rate_quota", "tariff_rate_quota"),
    ("tariff_rate_quota", "undertaking"),
    ("tariff_rate_quota", "import_quota"),
    ("tariff_rate_quota", "export_licence"),
    ("undertaking", "import_quota"),
    ("undertaking", "export_licence"),
    ("import_quota", "import_quota"),
    ("import_quota", "export_licence"),
    ("sourcing_cap", "sourcing_cap"),
    ("export_quota", "export_quota"),
    ("export_licence", "export_licence"),
    ("production_quota", "production_quota"),
}
"""Pairs that are refused where both limit the same to the same tonnes."""

_GROUPS = {
    "duty": ("tariff", "content_tariff"),
    "tiers": ("tariff_rate_quota",),
    "gap": ("stepped_safeguard", "entry_price"),
    "floor": ("reference_price", "minimum_import_price"),
    "promise": ("undertaking",),
    "limit": ("import_quota", "export_quota", "export_licence"),
    "blend": ("sourcing_cap",),
    "tax": ("export_tax",),
    "ban": ("export_ban",),
    "origin": (HIDDEN,),
    "output": ("production_quota",),
    "payment": ("production_subsidy", "input_subsidy"),
    "guarantee": ("price_guarantee",),
    "earnings": ("margin_guarantee",),
    "contract": ("offtake",),
    "buyer": ("intervention_purchase",),
    "stock": ("stockpile",),
    "grant": ("capital_grant",),
}
GROUP = {kind: group for group, kinds in _GROUPS.items() for kind in kinds}
_IN_INVOICE = "add up: what sellers ask is in the customs value"
_LIMITS = "each keeps its limit; the tighter binds, and only its rent is paid"
_COUNTED = "what is paid counts in the earnings that are made up"
_ALONE = {
    "origin": "the rule acts on disguised routes alone, on top of what they pay",
    "ban": "the ban shuts the route, and the other acts on what is left",
    "stock": "the stock buys and sells as any user does",
    "grant": "the grant pays for capacity and not for tonnes",
    "earnings": "the margin guarantee is a lump sum, of what the other leaves of earnings",
}
"""What a group does beside any other for which nothing else is said."""
_RULES: dict[tuple[str, str], str] = {
    (
        "duty",
        "duty",
    ): "add up on one customs value, unless a tariff yields to a layer or includes it",
    ("duty", "tiers"): "add up: the low or the high rate beside the duty",
    ("duty", "gap"): "add up: the gap is that of the invoice, before duties",
    ("duty", "floor"): "the floor fills what duties leave open, by `compare_at` and `layers`",
    ("duty", "promise"): _IN_INVOICE,
    ("duty", "limit"): _IN_INVOICE,
    ("duty", "blend"): "add up: the blend comes after duties",
    ("duty", "tax"): _IN_INVOICE,
    ("tiers", "tiers"): "add up, each with a quota of its own",
    ("tiers", "gap"): "add up: the gap is that of the invoice, before duties",
    (
        "tiers",
        "floor",
    ): "the floor fills what the duty leaves open, within the quota and beyond it, "
    "where it compares a price with duties",
    ("tiers", "promise"): "add up, each with tonnes of its own",
    ("tiers", "limit"): _LIMITS,
    ("tiers", "blend"): "add up: the blend comes after duties",
    ("tiers", "tax"): _IN_INVOICE,
    ("gap", "gap"): "add up: each looks at the invoice, before duties",
    ("gap", "promise"): "the duty sees the promised price: the gap below it is closed",
    ("gap", "limit"): "a rent that sellers hold is in the invoice and closes part of the gap",
    ("gap", "tax"): "the tax is in the invoice and closes part of the gap",
    ("floor", "floor"): "on each route the one holds that makes the buyer pay the most",
    ("floor", "promise"): "of a homogeneous good the higher floor holds; else refused",
    ("floor", "limit"): "a rent that sellers hold closes part of the gap, importers' come on top",
    ("floor", "blend"): "the blend is not counted as paid: it comes on top",
    ("floor", "tax"): "the tax is in the invoice and closes part of the gap",
    ("promise", "promise"): "some tonnes pay a duty instead of the price, and the gap would differ",
    ("promise", "limit"): _LIMITS,
    ("promise", "tax"): "the tax is in the invoice and closes part of the gap",
    ("limit", "limit"): _LIMITS,
    ("limit", "blend"): _LIMITS,
    ("blend", "blend"): _LIMITS,
    ("limit", "tax"): "the tax comes first, and takes from the rent",
    ("tax", "tax"): "add up",
    ("ban", "ban"): "one shuts the route; the other changes nothing",
    ("ban", "contract"): "nothing is delivered, and nothing is due for tonnes",
    ("origin", "origin"): "add up on disguised routes",
    ("output", "output"): _LIMITS,
    ("output", "payment"): "the quota binds first; the payment adds to its rent",
    ("output", "guarantee"): "the quota binds first; the payment adds to its rent",
    ("output", "contract"): "the contract takes part of the quota; refused where it fills it",
    ("payment", "payment"): "add up",
    ("payment", "guarantee"): "add up: a guarantee sees prices and not payments",
    ("payment", "earnings"): _COUNTED,
    ("guarantee", "guarantee"): "add up to the whole gap of a tonne; refused beyond it",
    ("guarantee", "earnings"): _COUNTED,
    ("guarantee", "contract"): "add up to the whole gap of a tonne, where the contract has a price",
    ("guarantee", "buyer"): "the guarantee pays what the buyer's floor leaves open",
    ("earnings", "earnings"): "each would make up the whole shortfall",
    ("earnings", "contract"): _COUNTED,
    ("earnings", "buyer"): _COUNTED,
    ("contract", "contract"): "on one route the same tonnes would serve both",
    ("contract", "limit"): "the contract takes part of the quota; refused where it fills it",
    ("contract", "buyer"): "both buy; the price is the floor as long as the public buyer does",
    ("buyer", "buyer"): "who buys how much would be open",
    ("stock", "stock"): "add up",
    ("grant", "grant"): "add up; the whole annuity together is refused",
}
_KINDS: dict[Pair, str] = {
    (gap, floor): text
    for gap in _GROUPS["gap"]
    for floor, text in (
        (
            "reference_price",
            "the levy fills what the duty leaves open; where it compares a price before duties, or "
            "chosen layers, they add up, and a warning says so",
        ),
        (
            "minimum_import_price",
            "one gap would be filled twice; of a homogeneous good the floor counts the duty, which "
            "sees the raised invoice",
        ),
    )
} | {
    ("content_tariff", "reference_price"): "the levy fills what the duty leaves open, by "
    "`compare_at` and `layers`; a warning says where one by gap or by inputs is not counted",
    (
        "tariff_rate_quota",
        "reference_price",
    ): "the levy fills what the duty leaves open, within the "
    "quota and beyond it, where it counts all duties; licences save the rest of the difference",
}
_BORDER = {"duty", "tiers", "gap", "floor", "promise", "limit", "blend", "tax"}
_OTHERWISE = "each acts at its own place, and prices carry one to the other"


def how(pair: Pair) -> str:
    """How two instruments stack, in words."""
    groups = GROUP[pair[0]], GROUP[pair[1]]
    for key in (groups, groups[::-1]):
        if key in _RULES:
            break
    text = _KINDS.get(pair) or _RULES.get(key)
    if text is None:
        text = next((_ALONE[group] for group in _ALONE if group in groups), _OTHERWISE)
    if "guarantee" in groups and _BORDER & set(groups):
        text = "the guarantee pays what the border leaves open of its index"
    return text + ("; the same tonnes twice are refused" if pair in TWICE else "")


def refused(pair: Pair, law: Law) -> str:
    """Part of the reason for which a pair is refused under a law; empty where it is solved."""
    why, laws = REFUSED.get(pair, ("", ()))
    return why if law in laws else ""


def applies(pair: Pair, law: Law) -> bool:
    """Whether both can be stated under a law."""
    return HIDDEN not in pair or law is not CES


def pairs() -> list[Pair]:
    """Every pair, an instrument with itself included."""
    return [(one, other) for n, one in enumerate(KINDS) for other in KINDS[n:]]


def document() -> str:
    """The document: one table for each instrument, with those that come after it."""
    lines = [
        "# How instruments stack",
        "",
        "Every pair of instruments on one route, plant and good, with what then holds. Under each",
        "law of sourcing the pair is *solved* to 1e-8 with all six checks, or *refused* with a",
        "reason and a remedy; a test solves them all. More than two stack by the same rules.",
        "[instruments.md](instruments.md) says what each does by itself.",
        "",
        "This file is made by `python -m tests.support.stacking`.",
    ]
    for n, one in enumerate(KINDS):
        lines += ["", f"## `{one}`", "", "| beside | what holds | " + " | ".join(EVERY) + " |"]
        lines.append("|" + "---|" * 5)
        for other in KINDS[n:]:
            pair = one, other
            cells = (
                ("refused" if refused(pair, law) else "solved") if applies(pair, law) else "-"
                for law in EVERY
            )
            lines.append(f"| `{other}` | {how(pair)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
