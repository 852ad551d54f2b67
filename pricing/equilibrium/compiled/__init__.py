"""Steps for one scenario after the other, as machine code (the extra ``fast``).

``blocks`` has those of chains whose goods are all homogeneous, called by
:mod:`pricing.equilibrium.kernel`; ``logit`` those of chains whose goods are all bought by the logit
law, called by :mod:`pricing.equilibrium.kernel_logit`.

Numerical work only: nothing here says what the model is. That is handed in as coefficients, and
what is found is evaluated and judged by the one definition of the conditions. Equations and reasons
are where the same steps are taken in NumPy.

Many numbers share few arrays, and places are unsigned: handing over an array costs as much as a row
of arithmetic, and a place that may be negative keeps a loop from being vectorised. Nothing is
allocated.

Importing ``machine``, and with it all but the layouts ``blocks.room`` and ``logit.net``, imports
numba, which takes a while: only what takes these steps does.
"""

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.uintp]
