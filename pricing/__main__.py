"""``python -m pricing`` is the command line."""

import sys

from pricing.cli import main

sys.exit(main())
