"""Municipal social controlling as code."""

import time

__version__ = "0.1.0"

BEGUN = time.time()
"""Before any code or fact was read: what changed later may not be what runs here."""
