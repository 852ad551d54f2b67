"""Rules drawn after a mix: who may draw on a stock, and how tariffs meet duties of the chain.

They have a generator of their own, so that the mixes of a seed stay what they are.
"""

from __future__ import annotations

from benchmarks.policies import ZONE, Document, Draw

OF_A_CLUB = 0.5
"""Probability that a stock which releases has members [1]."""
MEETS = 0.5
"""Probability that a tariff yields to a duty of the chain, or includes it [1]."""
RULES = {"yields_to", "higher_of"}


class Rules(Draw):
    """Members of stocks and rules of tariffs for policies that were drawn already."""

    def added(self, policies: list[Document]) -> list[Document]:
        """The policies, some of them with a rule more.

        Not for tariffs that others name, nor two that include a layer: those are refused.
        """
        named = {name for p in policies for rule in RULES for name in p.get(rule, ())}
        self.includes = any("higher_of" in p for p in policies)
        return [policy | self._more(policy, policy["id"] in named) for policy in policies]

    def _more(self, policy: Document, named: bool) -> Document:
        if policy["kind"] == "stockpile" and {"released", "sell_above"} & set(policy["rule"]):
            return self._members()
        if policy["kind"] == "tariff" and not named and not RULES & set(policy):
            return self._meeting()
        return {}

    def _members(self) -> Document:
        """The zone, or two regions: with or without the one that holds the stock."""
        if self.rng.random() >= OF_A_CLUB:
            return {}
        count = min(2, len(self.setting.regions))
        some = [str(name) for name in self.rng.choice(self.setting.regions, count, replace=False)]
        return {"members": [ZONE] if self.rng.random() < 0.5 else some}

    def _meeting(self) -> Document:
        """A rule towards one layer of the chain, and towards what that one yields to."""
        layers = self.network.duties
        if not layers or self.rng.random() >= MEETS:
            return {}
        first = layers[int(self.rng.integers(len(layers)))]
        if self.rng.random() < 0.5:
            return {"yields_to": [first.policy, *first.yields_to]}
        included = {name for layer in layers for name in layer.higher_of}
        if self.includes or first.higher_of or first.policy in included or first.specific.any():
            return {}
        self.includes = True
        return {"higher_of": [first.policy]}
