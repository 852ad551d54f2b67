"""Chains of homogeneous goods, whose systems fall into blocks.

Routes are affine in prices, processes and demands linear maps, curves powers or straight lines.
Steps are those of :mod:`pricing.equilibrium.interior` and :mod:`pricing.equilibrium.point`, the
elimination that of :mod:`pricing.equilibrium.blocks`. Everything is scaled. The core has producer
prices (M = G R), process levels (K) and delivered prices (M); route ``m R + j`` goes from producer
price ``m`` to region ``j``.
"""
