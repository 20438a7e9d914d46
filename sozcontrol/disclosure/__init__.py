"""Disclosure control as a door: the only maker of :class:`Released`.

``Freigabe.open(edition)`` opens one register for one run. Counts below the edition's threshold and
every figure made from them are suppressed, with enough other cells that totals, shares and stock
identities do not give them back; a witness for every hidden cell proves it before anything is
released.

Protected against: totals and parts over any dimensions of one measure in all tables of a run,
declared identities, stock and flow of Kennzahlen, shares. Not yet: groups nested by definition (a
segment and its Hilfearten in separate tables), three tables that share dimensions in a ring, other
editions and earlier reports, dominance of one provider in an amount.
"""

from sozcontrol.disclosure.freigabe import Freigabe, Released, Zahl
from sozcontrol.disclosure.geheim import GEHEIM

__all__ = ["GEHEIM", "Freigabe", "Released", "Zahl"]
