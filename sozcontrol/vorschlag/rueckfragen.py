"""What a proposal leaves open, asked point by point; an answer changes the one line it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sozcontrol import catalogue
from sozcontrol.catalogue.eigenes import MARKE, namen
from sozcontrol.errors import SozcontrolError, UsageError, nearest
from sozcontrol.intake import normalise
from sozcontrol.intake.header import needs
from sozcontrol.vorschlag.herleitung import UNBEKANNT
from sozcontrol.vorschlag.profiltext import KEIN_ANFANG, scalar

_OPEN = re.compile(
    r"^(?P<lead> *(?:- )?(?:(?P<key>'(?:[^']|'')*'|[^:'#]+): )?)(?P<value>.*?)"
    rf"  {MARKE}: (?P<ask>.*)$"
)
TAUSEND = "T€"
"""The unit of an amount that demands a factor beside it."""
_OTHER = re.compile(r"-?\d+|true|false|\[.*\]|@\w+")
"""Values that are no text: what is answered in their place is written as it is."""
_WAHR = {"ja": "true", "nein": "false"}


@dataclass(frozen=True)
class Frage:
    """One open point: line (from 1), what it is about, the value proposed, the question."""

    zeile: int
    stelle: str
    vorschlag: str
    text: str

    @property
    def braucht_antwort(self) -> bool:
        """Whether nothing could be proposed."""
        return self.vorschlag in ("''", "['']", scalar(UNBEKANNT), scalar(KEIN_ANFANG))

    @property
    def gezeigt(self) -> str:
        """The value proposed, as a person says it."""
        return next((word for word, value in _WAHR.items() if value == self.vorschlag),
                    self.vorschlag)  # fmt: skip


def questions(path: Path) -> list[Frage]:
    """Return the open points of the profile in *path*."""
    found, entry = [], ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if re.fullmatch(r" {4,10}\w+:", line):
            entry = line.strip(" :")
        hit = _OPEN.match(line)
        if hit:
            key = (hit["key"] or "").strip(" -'")
            inside = line.startswith(" " * 11) and entry
            found.append(
                Frage(number, f"{entry}.{key}" if inside else key, hit["value"], hit["ask"])
            )
    return found


def answer(path: Path, frage: Frage, text: str) -> None:
    """Write an answer (nothing: what was proposed) into the profile, if it then still holds.

    Raises:
        SozcontrolError: The answer is not possible; the file is as it was.
    """
    if not text and frage.braucht_antwort:
        raise UsageError(
            "Hier ist nichts vorgeschlagen.", wo=frage.stelle, tun="Einen Wert nennen."
        )
    if text and frage.stelle.endswith(".aus"):
        _demand_column(path, frage, text)
    before = path.read_text(encoding="utf-8")
    lines = before.split("\n")
    hit = _OPEN.match(lines[frage.zeile - 1])
    if hit is None:
        raise UsageError("Diese Zeile ist nicht mehr offen.", wo=frage.stelle, tun="Neu aufrufen.")
    plain = _OTHER.fullmatch(frage.vorschlag) and not frage.vorschlag.startswith("@")
    value = frage.vorschlag if not text else _plain(frage, text) if plain else scalar(text)
    lines[frage.zeile - 1] = hit["lead"] + value
    if (hit["key"] or "").strip() == "einheit" and text == TAUSEND:
        indent = re.match(" *", hit["lead"]) or [""]
        lines.insert(frage.zeile, f"{indent[0]}faktor: 1000")
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        catalogue.profil(path.stem)
    except SozcontrolError:
        path.write_text(before, encoding="utf-8")
        raise


def _demand_column(path: Path, frage: Frage, name: str) -> None:
    """Demand that *name* is a column the profile has met; a code in its place is a constant."""
    files = catalogue.profil(path.stem).dateien
    there = {
        n for d in files for n in (*d.ignoriert, *(a for need in needs(d) for a in need.namen))
    }
    if name.startswith("@") or normalise(name) in map(normalise, there):
        return
    column = frage.stelle.removesuffix(".aus")
    tables = (catalogue.tabelle(feed.tabelle) for d in files for feed in d.tabellen)
    lists = [t.spalte(column).codeliste for t in tables if column in t.namen]
    constant = any(code and name in catalogue.codeliste(code).gueltig for code in lists)
    hint = f"Meinten Sie »konstant: {name}«? Dann in der Datei aus durch konstant ersetzen. "
    raise UsageError(
        "Eine Spalte dieses Namens hat die Datei nicht.",
        wo=f"{path.name}, Zeile {frage.zeile}",
        tun=(hint if constant else "") + nearest(name, sorted(there)),
    )


def _plain(frage: Frage, text: str) -> str:
    if frage.vorschlag in _WAHR.values():
        return _WAHR.get(text.casefold(), text)
    if not frage.vorschlag.startswith("["):
        return text
    return "[]" if text.casefold() == "nein" else scalar(re.split(r",\s*", text))


def own_profile(folder: Path, name: str) -> Path:
    """Return where the city's own profile *name* lies.

    Raises:
        UsageError: There is none of this name.
    """
    path = folder / f"{name}.yml"
    if not path.is_file():
        known = namen(folder) if folder.is_dir() else []
        raise UsageError(
            f"Ein eigenes Profil »{name}« gibt es nicht.",
            wo=str(folder),
            tun=nearest(name, known) if known else "sozcontrol profile DATEI",
        )
    return path
