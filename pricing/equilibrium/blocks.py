r"""The linear system of a step where every good is homogeneous: small blocks instead of one matrix.

Flows leave the system route by route (:mod:`pricing.equilibrium.spatial`), process levels each by
its own row, and then producer prices, of which each touches the delivered prices of its own good
and of its inputs in its own region. What remains is one block of regions by regions for every pair
of goods that a process links, in a chain only those of neighbouring stages, and is solved by block
elimination in the order of the stages.

Which programs have blocks is said in :mod:`pricing.equilibrium.layout`; the others keep the dense
matrix.

References
----------
.. [1] S. J. Wright, *Primal-Dual Interior-Point Methods*, SIAM, 1997, ch. 11: normal equations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricing.chains.network import Array, BoolArray
from pricing.equilibrium.layout import Layout, Pair
from pricing.equilibrium.program import Program
from pricing.equilibrium.spatial import Routes


@dataclass(frozen=True)
class Blocks:
    """Factors of one step's system for N scenarios."""

    layout: Layout
    """The structure."""
    at: Routes
    """The goods."""
    fixed: tuple[BoolArray, BoolArray, BoolArray]
    """(N, G R), (N, K), (N, G R) rows of prices, levels, delivered prices whose move is given."""
    level: tuple[Array, Array]
    """(N, K) inverse diagonal of the levels' rows, and its product with their other entries."""
    pivot: Array
    """(N, G, R) diagonal of producer prices once levels have left."""
    sold: Array
    """(N, G, R, R) minus delivered prices in the markets of their own good."""
    bought: Array
    """(N, G, R, R) minus producer prices (third axis) in the balances of buyers (last)."""
    forward: tuple[Array, ...]
    """(N, R) by link: minus the price of an input in the market of what is made of it."""
    backward: tuple[Array, ...]
    """(N, R) by link: minus the price of a good in the balance of its input."""
    inverse: tuple[Array, ...]
    """(N, R, R) inverses of the diagonal blocks."""
    lower: dict[Pair, Array]
    """(N, R, R) blocks below the diagonal, times the inverse of the diagonal above them."""
    upper: dict[Pair, Array]
    """(N, R, R) blocks above the diagonal."""

    @classmethod
    def factor(
        cls,
        program: Program,
        layout: Layout,
        diagonal: tuple[Array, Array, Array],
        factor: Array,
        weight: Array,
        fixed: tuple[BoolArray, BoolArray, BoolArray],
    ) -> Blocks:
        """Eliminate flows, levels and producer prices; factor the rest.

        Parameters
        ----------
        program : Program
            The scenarios.
        layout : Layout
            Their structure.
        diagonal : tuple of (N, G R), (N, K), (N, G R) arrays
            Diagonals of prices, levels and delivered prices, without what flows and levels add.
        factor : (N, K) array
            Factor on the other entries of the levels' rows.
        weight : (N, G, R, R) array
            How far flows give way.
        fixed : tuple of masks
            As in the class.
        """
        at, shape = program.routes, weight.shape[:3]
        buyers = (shape[0], shape[2])
        stuck = tuple(mask.reshape(shape) for mask in (fixed[0], fixed[2]))
        inverse = np.where(fixed[1], 1.0, 1.0 / np.where(fixed[1], 1.0, diagonal[1]))
        gain = np.where(fixed[1], 0.0, factor * inverse)
        tonnes = at.flow_scale * weight
        priced = tonnes * at.slope
        quantity = at.sold_scale
        pivot = diagonal[0].reshape(shape) + priced.sum(axis=3) / quantity
        layout.own.into(pivot.reshape(shape[0], -1), gain)
        pivot = np.where(stuck[0], 1.0, pivot)
        sold = tonnes / quantity[..., None]
        bought = priced / at.use_scale[:, None, :]
        forward = tuple(part.into(np.zeros(buyers), gain) for part in layout.forward)
        backward = tuple(part.into(np.zeros(buyers), gain) for part in layout.backward)
        if stuck[0].any():
            sold = np.where(stuck[0][..., None], 0.0, sold)
            forward = tuple(
                np.where(stuck[0][:, g], 0.0, part)
                for (g, _), part in zip(layout.links, forward, strict=True)
            )
        own = diagonal[2].reshape(shape) + tonnes.sum(axis=2) / at.use_scale
        matrix = _reduced(layout, (own, pivot), (sold, bought), (forward, backward), gain)
        _hold(matrix, stuck[1])
        inverses, lower = _eliminate(matrix, layout.rows)
        parts = (inverse, gain)
        flows, links = (sold, bought), (forward, backward)
        return cls(layout, at, fixed, parts, pivot, *flows, *links, inverses, lower, matrix)

    def solve(self, right: Array, moved: Array) -> tuple[Array, Array]:
        """See :class:`pricing.equilibrium.system.Factored`."""
        places, levels = self.fixed[0].shape[1], self.fixed[1].shape[1]
        sides = np.split(right, [places, places + levels], axis=1)
        price, level, delivered = self._moves((sides[0], sides[1], sides[2]), moved)
        loss = self.at.slope * price.reshape(self.pivot.shape)[..., None]
        loss = loss - delivered.reshape(self.pivot.shape)[:, :, None, :]
        return np.concatenate([price, level, delivered], axis=1), loss

    def _moves(self, right: tuple[Array, Array, Array], moved: Array) -> tuple[Array, ...]:
        """Moves of prices (N, G R), levels (N, K) and delivered prices (N, G R)."""
        layout, shape = self.layout, self.pivot.shape
        count, at, fixed = shape[0], self.at, self.fixed
        tonnes = at.flow_scale * moved
        level = self.level[0] * right[1]
        price = tonnes.sum(axis=3) / at.sold_scale
        price = price.reshape(count, -1) + right[0]
        layout.made.into(price, -level)
        price = np.where(fixed[0], right[0], price).reshape(shape) / self.pivot
        bought = tonnes.sum(axis=2) / at.use_scale
        bought = right[2] - bought.reshape(count, -1)
        layout.used.into(bought, level)
        bought = bought.reshape(shape) + np.matmul(price[:, :, None, :], self.bought)[:, :, 0]
        for (g, h), part in zip(layout.links, self.backward, strict=True):
            bought[:, h] += part * price[:, g]
        bought = np.where(fixed[2], right[2], bought.reshape(count, -1)).reshape(shape)
        delivered = self._substitute(bought)
        price = price + np.matmul(self.sold, delivered[..., None])[..., 0] / self.pivot
        for (g, h), part in zip(layout.links, self.forward, strict=True):
            price[:, g] += part * delivered[:, h] / self.pivot[:, g]
        price, delivered = price.reshape(count, -1), delivered.reshape(count, -1)
        earned = layout.made_price * price[:, layout.made.place]
        layout.paid.into(earned, -delivered)
        return price, level + self.level[1] * earned, delivered

    def _substitute(self, right: Array) -> Array:
        """(N, G, R) delivered prices from their right-hand sides, which are overwritten."""
        below = self.layout.rows
        for g, later in enumerate(below):
            for h in later:
                right[:, h] -= np.matmul(self.lower[h, g], right[:, g, :, None])[..., 0]
        for g in range(len(below) - 1, -1, -1):
            for h in below[g]:
                right[:, g] -= np.matmul(self.upper[g, h], right[:, h, :, None])[..., 0]
            right[:, g] = np.matmul(self.inverse[g], right[:, g, :, None])[..., 0]
        return right


def _reduced(
    layout: Layout,
    own: tuple[Array, Array],
    flows: tuple[Array, Array],
    links: tuple[tuple[Array, ...], tuple[Array, ...]],
    gain: Array,
) -> dict[Pair, Array]:
    """(N, R, R) blocks of delivered prices once producer prices have left.

    ``own`` are the diagonals of delivered and of producer prices, ``flows`` and ``links`` the
    other entries as in :class:`Blocks`, forward before backward.
    """
    (diagonal, pivot), (sold, bought), (forward, backward) = own, flows, links
    count, goods, regions = pivot.shape
    kept, ranks = sold / pivot[..., None], np.arange(regions)
    whole = -np.matmul(bought.transpose(0, 1, 3, 2), kept)
    whole[:, :, ranks, ranks] += diagonal
    matrix = {(g, g): whole[:, g] for g in range(goods)}
    for (g, h), ahead, back in zip(layout.links, forward, backward, strict=True):
        _add(matrix, (g, h), -bought[:, g].transpose(0, 2, 1) * (ahead / pivot[:, g])[:, None, :])
        _add(matrix, (h, g), -back[:, :, None] * kept[:, g])
        for (other, to), next_ahead in zip(layout.links, forward, strict=True):
            if other == g:
                _add_diagonal(matrix, (h, to), -back * next_ahead / pivot[:, g])
    for pair, part in layout.between.items():
        _add_diagonal(matrix, pair, part.into(np.zeros((count, regions)), gain))
    return matrix


def _add(matrix: dict[Pair, Array], pair: Pair, block: Array) -> None:
    matrix[pair] = matrix[pair] + block if pair in matrix else block


def _add_diagonal(matrix: dict[Pair, Array], pair: Pair, values: Array) -> None:
    ranks = np.arange(values.shape[1])
    if pair not in matrix:
        matrix[pair] = np.zeros((*values.shape, ranks.size))
    matrix[pair][:, ranks, ranks] += values


def _hold(matrix: dict[Pair, Array], fixed: BoolArray) -> None:
    """Make rows of delivered prices whose move is given rows of the unit matrix, in place."""
    if not fixed.any():
        return
    for (g, h), block in matrix.items():
        n, j = np.nonzero(fixed[:, g])
        block[n, j] = 0.0
        if g == h:
            block[n, j, j] = 1.0


def _eliminate(
    matrix: dict[Pair, Array], below: tuple[tuple[int, ...], ...]
) -> tuple[tuple[Array, ...], dict[Pair, Array]]:
    """Inverses of the diagonal blocks and multipliers below them; ``matrix`` is overwritten."""
    inverses: list[Array] = []
    lower: dict[Pair, Array] = {}
    for g, later in enumerate(below):
        inverses.append(_inverse(matrix[g, g]))
        for h in later:
            lower[h, g] = np.matmul(matrix[h, g], inverses[g])
            for other in later:
                _add(matrix, (h, other), -np.matmul(lower[h, g], matrix[g, other]))
    return tuple(inverses), lower


def _inverse(block: Array) -> Array:
    """(N, R, R) inverses; NaN where there is none."""
    try:
        return np.asarray(np.linalg.inv(block))
    except np.linalg.LinAlgError:
        if block.shape[0] == 1:
            return np.full_like(block, np.nan)
        return np.concatenate([_inverse(one) for one in block[:, None]])
