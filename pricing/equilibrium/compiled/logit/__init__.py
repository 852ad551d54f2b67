"""Chains whose goods are all bought by the logit law.

The search is that of :mod:`pricing.equilibrium.newton` and :mod:`pricing.equilibrium.point`, the
derivatives those of :mod:`pricing.equilibrium.jacobian`. Landed prices are affine up to gaps below
a reference, shares the softmax of landed prices, curves powers or straight lines, payments affine
between two prices, and everything else is linear in unknowns, tonnes and price indices.

Unknowns are scaled: producer prices ``m = g R + i``, process levels, multipliers, and at the end
one that is always zero and stands for those that are not there. Coefficients on unknowns contain
their scales; conditions are in their own units until they are complete.
"""
