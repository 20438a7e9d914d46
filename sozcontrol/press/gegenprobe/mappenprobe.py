"""A page composed of published pages, read back: values as printed, differences recomputed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sozcontrol.errors import NotReleased
from sozcontrol.press.gegenprobe.blatt import KACHELN, Zellbild, tafeln
from sozcontrol.press.gegenprobe.wordprobe import Papierprobe, dense, digits

UNTERSCHIED = "Unterschied"
ZAHL = re.compile(r"(?P<minus>-|besser um )?[^\d-]*(?P<zahl>\d[\d.]*(?:,\d+)?)")
MARKUP = re.compile(r"<(style|script)\b.*?</\1>|<[^>]*>", re.DOTALL)


@dataclass(frozen=True)
class Mappenprobe:
    """What may be said: the pages of then and of now, and what is the composed page's own."""

    damals: Papierprobe
    jetzt: Papierprobe
    worte: Sequence[str] = ()

    @property
    def ziffern(self) -> set[str]:
        """Every run of digits that may stand outside a comparison."""
        said = {d for text in self.worte for d in digits(text)}
        return {*self.damals.ziffern, *self.jetzt.ziffern, *said}


def demand_composed(html: str, probe: Mappenprobe) -> None:
    """Refuse a composed page that says what its pages don't.

    Raises:
        NotReleased: Names the tables; never which cell or what it is.
    """
    if more := sorted({*more_than_composed(html, probe)}):
        raise NotReleased(
            f"Die Seite sagt anderes als die Berichte: {', '.join(f'»{m}«' for m in more)}.",
            wo="Gegenprobe der zusammengestellten Seite",
            tun="Die Datei wurde nicht geschrieben; den Fall melden.",
        )


def more_than_composed(html: str, probe: Mappenprobe) -> Iterator[str]:
    """Yield where a composed page says more."""
    then, now = _tiles(probe.damals), _tiles(probe.jetzt)
    allowed = probe.ziffern
    for tafel in tafeln(html):
        heads = [cell.text for cell in tafel.kopf]
        compares = UNTERSCHIED in heads
        for row in tafel.zeilen:
            if compares and not _as_printed(row, heads, then, now):
                yield tafel.titel
            if compares:
                allowed = allowed | digits(_plain(row[heads.index(UNTERSCHIED)], UNTERSCHIED))
    if not digits(MARKUP.sub(" ", html)) <= allowed:
        yield "Text"


def _tiles(probe: Papierprobe) -> list[tuple[str, Zellbild]]:
    tiles = [t for t in probe.tafeln if t.titel == KACHELN]
    return [(dense(row[0].text), row[1]) for one in tiles for row in one.zeilen]


def _as_printed(
    row: Sequence[Zellbild], heads: Sequence[str],
    then: Sequence[tuple[str, Zellbild]], now: Sequence[tuple[str, Zellbild]],
) -> bool:  # fmt: skip
    """Say whether both values stand so on a tile, and the difference is theirs, or none."""
    name = dense(row[0].text)
    pairs = [
        (old, new) for title, old in then for other, new in now
        if title == other and name.startswith(title)
        and dense(old.text) == dense(_plain(row[1], heads[1]))
        and dense(new.text) == dense(_plain(row[2], heads[2]))
    ]  # fmt: skip
    told = _plain(row[3], heads[3])
    if not pairs:
        return False
    if any(cell.geheim for cell in pairs[0]) or not digits(told):
        return not digits(told)
    before, after, off = (_number(text) for text in (pairs[0][0].text, pairs[0][1].text, told))
    return None not in (before, after, off) and after - before == off  # type: ignore[operator]


def _plain(cell: Zellbild, head: str) -> str:
    return cell.text.removeprefix(head).strip()


def _number(text: str) -> Decimal | None:
    found = ZAHL.match(text)
    if found is None:
        return None
    value = Decimal(found["zahl"].rstrip(".,").replace(".", "").replace(",", "."))
    return -value if found["minus"] else value
