"""Disclosure control: the only decider of what may be seen, and the only maker of ``Released``.

:func:`entscheiden` takes all tables of a Stichtag (:class:`Antrag`) and all editions, and decides
them as one joint problem: counts below an edition's threshold and amounts with so few behind them
are hidden, with enough other figures that nothing a reader sees gives them back. An auditor of its
own attacks the outcome before anything is released; where it succeeds nothing is.

What is tied together: margins over any dimensions, one count or amount in several tables, values
within values (code lists, product groups), stock and flow, spans that make a span, a part and its
rest, sums of a Kennzahl, equations of a row, what was published before, editions that hide what
those with fewer marks hide, decisions of other Stichtage whose counts are shown again, amounts and
what earlier reports showed in their place. What is no
sum – a difference, a quotient, an effect – is tied by what it is made of: shown only with all its
parts, and then all of them count as known. A mean of stocks tells their sum.
Ledger sums are public facts: their parts give way.
Means and medians of few are hidden beside it (``mittelwerte``). Behind an amount stands who carries
it (``measures.zaehlwerk.tragende``).

Modules, in the order a table takes: ``lesen``, ``tafel`` and ``kennzahltafel`` read it,
``merkmale`` and ``mengen`` name its cells, ``stichtage`` and ``zuwachs`` look at other reports,
``lage`` ties the cells, ``auswahl`` and ``angriff`` choose, ``pruefer`` attacks, ``entscheidung``
releases, ``niederschrift`` keeps.
``bewahrt`` keeps what was released; ``freigabe`` is the same for one kernel alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sozcontrol.beigebrauch import give_on_use

if TYPE_CHECKING:
    from sozcontrol.disclosure.bewahrt import Bewahrt
    from sozcontrol.disclosure.entscheidung import Antrag, Entscheidung, entscheiden
    from sozcontrol.disclosure.freigabe import Freigabe
    from sozcontrol.disclosure.geheim import GEHEIM
    from sozcontrol.disclosure.released import Released, Zahl
    from sozcontrol.disclosure.stichtage import Vorher
else:
    give_on_use(__name__)

__all__ = [
    "GEHEIM",
    "Antrag",
    "Bewahrt",
    "Entscheidung",
    "Freigabe",
    "Released",
    "Vorher",
    "Zahl",
    "entscheiden",
]
