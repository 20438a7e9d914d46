"""``sozcontrol demo``: the only place that knows the demo city, which plays the source systems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sozcontrol.demo import STANDARD_SEED, STANDARD_STICHTAG, write_delivery
from sozcontrol.errors import UsageError, nearest
from sozcontrol.press.lauf.lock import sole_run
from sozcontrol.press.lauf.parameter import parse_date, shown
from sozcontrol.press.lauf.progress import Progress
from sozcontrol.press.lauf.storage import private_files
from sozcontrol.projekt import Projekt


def write_demo(
    projekt: Projekt,
    *,
    stichtage: Sequence[str],
    datenstand: str | None,
    seed: int | None,
    mess: Sequence[str],
    report: Progress,
) -> list[Path]:
    """Write deliveries of Musterstadt to ``data/raw`` and return their folders.

    Raises:
        UsageError: A date is wrong, a kind of mess unknown.
        StorageError: The folder cannot be written.
        Busy: A run is active, and may be reading what would be written.
    """
    known = parse_date(datenstand, "datenstand") if datenstand is not None else None
    days = [parse_date(day, "stichtag") for day in stichtage] or [STANDARD_STICHTAG]
    _check_mess(mess)
    folders = []
    with private_files(), sole_run(projekt):
        for day in days:
            report.step(f"Musterstadt zum {day:%d.%m.%Y} schreiben")
            folders.append(
                write_delivery(
                    projekt.raw,
                    stichtag=day,
                    datenstand=known,
                    seed=STANDARD_SEED if seed is None else seed,
                    mess=mess,
                )
            )
    return folders


def _check_mess(namen: Sequence[str]) -> None:
    if not namen:
        return
    from sozcontrol.demo.pruefstand.mess import MESS

    for name in namen:
        if name not in MESS:
            raise UsageError(
                f"Die Fehlerart »{shown(name)}« ist unbekannt.",
                wo="--mess",
                tun=nearest(shown(name), sorted(MESS)),
            )
