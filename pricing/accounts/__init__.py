"""Who pays whom under price policies, checked; and what follows: indicators and warnings."""

from __future__ import annotations

from pricing.accounts.accounts import Accounts, account

__all__ = ["Accounts", "account"]
