"""What an analyst takes out of a notebook: a file in ``notebooks/werkstatt/``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sozcontrol.errors import UsageError
from sozcontrol.measures import Werte
from sozcontrol.projekt import Projekt

if TYPE_CHECKING:
    import pandas as pd

ORDNER = "werkstatt"


def save(tafel: Werte | pd.DataFrame, name: str, projekt: Projekt | None = None) -> Path:
    """Write a table as ``name.csv`` or ``name.xlsx`` into the workshop and return its path.

    Small numbers are in it as they are: the file stays in the office.

    Raises:
        UsageError: The name has another ending, or leads out of the folder.
    """
    folder = (projekt or Projekt.find()).notebooks / ORDNER
    path = folder / name
    if path.suffix not in (".csv", ".xlsx") or path.resolve().parent != folder.resolve():
        raise UsageError(
            f"»{name}« ist kein Name für eine Datei der Werkstatt.",
            wo="auskunft.werkstatt.save",
            tun="Einen Dateinamen mit der Endung .csv oder .xlsx nennen, ohne Ordner.",
        )
    frame = tafel.floats(summen=True) if isinstance(tafel, Werte) else tafel
    folder.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        frame.to_csv(path, sep=";", decimal=",", index=False, encoding="utf-8-sig")
    else:
        frame.to_excel(path, index=False)
    path.chmod(0o600)
    return path
