"""What a file would grow to once it is read: refused before it is, so that the other files go on.

A file of ten megabytes can stand for a gigabyte of rows, and what the memory can't hold ends the
whole run. The bounds are the same on every machine: the same delivery gives the same findings.
"""

from __future__ import annotations

from sozcontrol.intake.rules import FileRejected

ROOM = 4 << 30
"""Bytes the rows of one file may take: the payments of a city of a million take half of it."""
ROW_BYTES, CELL_BYTES = 72, 57
"""What Python takes for a list, and for a place in it with a short text: what uneven rows take.

Rows of one width are kept smaller (:mod:`sozcontrol.intake.zellen`).
"""
LONGEST_LINE = 1 << 20
"""Bytes of a line; a field of more than 131,072 signs is refused when it is read."""
_TUN = "Den Auszug auf die vereinbarten Jahre und Spalten beschränken oder die Datei teilen."


def demand_room(zeilen: int, felder: int, umfang: int) -> None:
    """Refuse what would take more than ``ROOM`` as rows of text.

    Raises:
        FileRejected: R-I08.
    """
    if zeilen * ROW_BYTES + felder * CELL_BYTES + umfang > ROOM:
        raise FileRejected("R-I08", "Die Datei ist größer, als eine Lieferung sein kann.", _TUN)


def demand_lines(data: bytes, separators: tuple[bytes, ...]) -> None:
    """Refuse text that would grow beyond bounds, or whose lines don't end.

    Raises:
        FileRejected: R-I08 for its size, R-I03 for a line longer than two ``LONGEST_LINE``.
    """
    lines = max(data.count(b"\n"), data.count(b"\r"))  # most lines end with both
    most = max(data.count(sign) for sign in separators)
    demand_room(lines, lines + most, len(data))
    for start in range(0, len(data) - LONGEST_LINE, LONGEST_LINE):
        end = start + LONGEST_LINE
        if data.find(b"\n", start, end) < 0 and data.find(b"\r", start, end) < 0:
            line = data.count(b"\n", 0, start) + 1
            raise FileRejected(
                "R-I03",
                f"Textzeile {line} ist länger als {LONGEST_LINE >> 20} MB: In ihr steht ein "
                "übergroßes Feld, oder die Zeilen der Datei enden nicht.",
                "Die Datei neu ausgeben; langen Freitext und Anhänge nicht mitliefern.",
                zeilen=(line,),
            )
