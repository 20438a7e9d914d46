"""Disclosure control as a door: the only maker of :class:`Released`.

``Freigabe.open(edition)`` opens one register for one run. Counts below the edition's threshold and
every figure made from them are suppressed, with enough other cells that totals, shares and stock
identities do not give them back; a witness for every hidden cell proves it before anything is
released.

Protected against: totals and parts over any dimensions of one measure in all tables of a run,
declared identities, stock and flow of Kennzahlen, shares, rates whose base is public, and one count
under several Kennzahlen (a numerator limited to § 33 is the row § 33 of a table, a choice of forms
the sum of their rows). Not yet: groups nested by definition (a segment and its Hilfearten in
separate tables), three tables that share dimensions in a ring, other editions and earlier reports,
dominance of one provider in an amount.

Where earlier tables leave no other way, a table also hides its zeros and says that its marks may
stand for them (``Released.auch_null``); what was given away before is not hidden in vain.
"""

from sozcontrol.disclosure.entscheidung import Antrag, Entscheidung, entscheiden
from sozcontrol.disclosure.freigabe import Freigabe
from sozcontrol.disclosure.geheim import GEHEIM
from sozcontrol.disclosure.released import Released, Zahl

__all__ = ["GEHEIM", "Antrag", "Entscheidung", "Freigabe", "Released", "Zahl", "entscheiden"]
