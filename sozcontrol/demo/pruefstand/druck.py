"""A printed list: the smallest PDF every reader opens; the same lines give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence

ZEILEN_JE_SEITE = 60
_KOPF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"


def pdf(zeilen: Sequence[str]) -> bytes:
    """Return *zeilen* as a PDF of A4 pages in a typewriter face; characters of cp1252 only."""
    seiten = [zeilen[i : i + ZEILEN_JE_SEITE] for i in range(0, len(zeilen), ZEILEN_JE_SEITE)]
    kinder = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(seiten)))
    teile = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kinder}] /Count {len(seiten)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for nummer, seite in enumerate(seiten):
        inhalt = _inhalt(seite)
        teile.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources "
            b"<< /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % (5 + 2 * nummer)
        )
        teile.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(inhalt), inhalt))
    return _verbunden(teile)


def _inhalt(zeilen: Sequence[str]) -> bytes:
    """Return the operators that write one page, 12 points a line."""
    texte = (z.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for z in zeilen)
    gesetzt = b"".join(b"(%s) Tj T*\n" % text.encode("cp1252") for text in texte)
    return b"BT /F1 8 Tf 12 TL 40 800 Td\n" + gesetzt + b"ET"


def _verbunden(teile: Sequence[bytes]) -> bytes:
    """Return the objects with the table that says where each begins."""
    datei, orte = bytearray(_KOPF), []
    for nummer, teil in enumerate(teile, start=1):
        orte.append(len(datei))
        datei += b"%d 0 obj\n%s\nendobj\n" % (nummer, teil)
    anfang, anzahl = len(datei), len(teile) + 1
    datei += b"xref\n0 %d\n0000000000 65535 f \n" % anzahl
    datei += b"".join(b"%010d 00000 n \n" % ort for ort in orte)
    ende = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(datei + ende % (anzahl, anfang))
