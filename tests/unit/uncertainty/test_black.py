"""Black's formula against an integral."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from pricing.uncertainty.black import put


@pytest.mark.parametrize(("forward", "strike", "deviation"), [(80.0, 110.0, 0.4), (50.0, 20.0, 1)])
def test_put_is_the_expected_shortfall(forward: float, strike: float, deviation: float) -> None:
    def shortfall(normal: float) -> float:
        price = forward * np.exp(deviation * normal - 0.5 * deviation**2)
        return float(max(strike - price, 0.0) * norm.pdf(normal))

    kink = (np.log(strike / forward) + 0.5 * deviation**2) / deviation
    expected, _ = quad(shortfall, -12.0, kink, epsabs=1e-13)
    found = put(np.array(forward), strike, np.array(deviation))
    assert float(found) == pytest.approx(expected, rel=1e-9)
