"""What the footer claims: the number of records and the totals of columns."""

from __future__ import annotations

import re

from sozcontrol.catalogue.profil import Quelldatei
from sozcontrol.intake.body import Body
from sozcontrol.intake.header import Header
from sozcontrol.intake.model import Kontrollsumme
from sozcontrol.intake.names import normalise
from sozcontrol.intake.rules import FileRejected

_TUN = "Datei auf Vollständigkeit prüfen und neu anfordern."


def check_count(body: Body, source: Quelldatei, stated: int | None) -> None:
    """Compare the number of data rows with the footer and with the Lieferschein (*stated*).

    Raises:
        FileRejected: R-I12 when a number differs or the footer that should hold it is missing.
    """
    if source.fuss.anzahl:
        _demand(_claimed(body, source.fuss.anzahl), len(body.zeilen), "der Fuß")
    if stated is not None:
        _demand(stated, len(body.zeilen), "der Lieferschein")


def _claimed(body: Body, pattern: str) -> int:
    for number, row in body.fuss:
        hit = re.search(pattern, " ".join(cell for cell in row if cell))
        if hit:
            digits = re.sub(r"\D", "", hit.group(1) or "")
            if not digits:
                raise FileRejected("R-I12", "Im Fuß steht keine Anzahl.", _TUN, zeilen=(number,))
            return int(digits)
    raise FileRejected(
        "R-I12",
        "Der Fuß mit der Anzahl der Datensätze fehlt: die Datei kann abgeschnitten sein.",
        _TUN,
    )


def _demand(claimed: int, counted: int, who: str) -> None:
    if claimed != counted:
        raise FileRejected(
            "R-I12",
            f"Die Datei hat {counted} Datenzeilen, {who} nennt {claimed}.",
            _TUN,
            anzahl=abs(claimed - counted),
        )


def totals(body: Body, header: Header, source: Quelldatei) -> list[Kontrollsumme]:
    """Return the column totals the footer claims, over all data rows.

    Raises:
        FileRejected: R-I13 when a row that should hold a total is missing.
    """
    index = header.index()
    found = []
    for name, pattern in source.fuss.summe.items():
        column = index[normalise(name)]
        rows = [(n, r) for n, r in body.fuss if re.search(pattern, " ".join(filter(None, r)))]
        if not rows:
            raise FileRejected("R-I13", f"Die Summenzeile der Spalte »{name}« im Fuß fehlt.", _TUN)
        number, row = rows[-1]
        text = row[column] if column < len(row) else ""
        label = header.namen[column]
        found.append(Kontrollsumme("R-I13", label, text, number, 0, len(body.zeilen)))
    return found
