"""Musterstadt: an invented city with a known truth, delivered in its source systems' formats.

:func:`make_city` builds it, :func:`write_delivery` writes what its offices would deliver for a
Stichtag, ``Stadt.wahrheit`` counts what was planted. :data:`MESS` names the faults that can be
injected. Everything in it is invented.
"""

from sozcontrol.demo.dateien import write_delivery
from sozcontrol.demo.mess import MESS
from sozcontrol.demo.stadt import STANDARD_SEED, Stadt, make_city
from sozcontrol.demo.zeit import STANDARD_STICHTAG

__all__ = ["MESS", "STANDARD_SEED", "STANDARD_STICHTAG", "Stadt", "make_city", "write_delivery"]
