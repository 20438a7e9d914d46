"""Musterstadt: an invented city with a known truth, delivered in its source systems' formats.

:func:`make_city` builds it, :func:`write_delivery` writes what its offices would deliver for a
Stichtag. Everything in it is invented. What was planted, and the faults that can be injected, are
in ``pruefstand``, which only ``sozcontrol demo --mess`` and tests read.
"""

from sozcontrol.demo.dateien import write_delivery
from sozcontrol.demo.stadt import STANDARD_SEED, Stadt, make_city
from sozcontrol.demo.zeit import STANDARD_STICHTAG

__all__ = ["STANDARD_SEED", "STANDARD_STICHTAG", "Stadt", "make_city", "write_delivery"]
