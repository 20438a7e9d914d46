"""Scenario files: find them, tie them to the data they were made on, confirm them anew.

A scenario belongs to the delivered files of the forecast by Hilfeart, byte for byte. Not to the
Fassung: that changes with profiles and rules, too, and would put scenarios in doubt for nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import yaml

from sozcontrol.catalogue.szenario import Grundlage, Szenario, lesen, pruefe_name
from sozcontrol.errors import DeliveryMissing, StorageError, UsageError, nearest
from sozcontrol.hochrechnung.quellen.panel import TABELLEN
from sozcontrol.projekt import Projekt
from sozcontrol.store import Daten

VORLAGE = """\
# Ein Szenario: datierte Annahmen für den Rest des Jahres. Was hinter # steht, ist Erläuterung.
name: '{name}'  # wie die Datei, ohne .yml
titel: '{name}'  # Überschrift der Spalte, höchstens 40 Zeichen
beschreibung: Was angenommen wird, und warum.
stelle: Wer das annimmt (Amt, Sachgebiet)
erstellt_am: {heute}
stichtag: {stichtag}

# Die Daten, auf denen es beruht. Ändern sie sich, gilt es erst wieder nach
#   sozcontrol szenarien --stichtag {stichtag} --bestaetigen {name}
{grundlage}
# Mindestens eine Annahme. hilfeart: ein Schlüssel, eine Liste oder alle. Alle Daten sind Tage;
# beginnt eine Annahme mitten im Monat, zählt der Monat nach Tagen.
#   - {{art: entgelt, hilfeart: ['34', '35'], ab: JJJJ-10-01, prozent: 4}}
#   - {{art: plaetze, hilfeart: '34', ab: JJJJ-09-01, anzahl: -3, bis: JJJJ-12-31}}
#   - {{art: rechtsaenderung, hilfeart: '35a', ab: JJJJ-10-01, einmalig_eur: 9000}}
#   - {{art: rechtsaenderung, hilfeart: alle, ab: JJJJ-10-01, kosten_prozent: 2}}
annahmen: []
"""


def ordner(projekt: Projekt, stichtag: date) -> Path:
    """Return where the scenarios of a Stichtag lie; the folder need not exist."""
    return projekt.szenarien / stichtag.isoformat()


def dateien(projekt: Projekt, stichtag: date) -> list[Path]:
    """Return the scenario files of *stichtag* by name, and none of another one."""
    folder = ordner(projekt, stichtag)
    # ».yaml« is listed, too, so that the fault can be told instead of passing the file over.
    found = [p for p in folder.glob("*.y*ml") if not p.name.startswith(".")]
    return sorted(found, key=lambda p: p.name)


def datei(projekt: Projekt, stichtag: date, name: str) -> Path:
    """Return the file of one scenario.

    Raises:
        UsageError: There is no such scenario for the Stichtag.
    """
    path = ordner(projekt, stichtag) / f"{pruefe_name(name)}.yml"
    if not path.is_file():
        known = [p.stem for p in dateien(projekt, stichtag)]
        raise UsageError(
            f"Zum {stichtag:%d.%m.%Y} gibt es kein Szenario »{name}«.",
            wo=str(path.parent),
            tun=nearest(name, known) if known else f"sozcontrol szenarien --neu {name}",
        )
    return path


AUCH = ("gebiet",)
"""Tables whose change makes a scenario ask for a look again, though it needs none of them."""


def grundlage(daten: Daten) -> Grundlage:
    """Return what the scenarios of the opened delivery are tied to.

    Raises:
        DeliveryMissing: The delivery does not name the files of the forecast.
    """
    wanted = TABELLEN["hilfeart"]
    rows = [(f["tabelle"], f["sha256"]) for f in daten.manifest["dateien"]]
    used = sorted({row for row in rows if row[0] in (*wanted, *AUCH)})
    missing = sorted(set(wanted) - {table for table, _ in used})
    if missing:
        raise DeliveryMissing(
            f"Die Lieferung nennt keine Dateien zu: {', '.join(missing)}.",
            wo=f"Lieferung zum {daten.stichtag:%d.%m.%Y}",
            tun="Die Lieferung vervollständigen; Szenarien brauchen diese Tabellen.",
        )
    text = "".join(f"{table}\0{sha}\n" for table, sha in used)
    return Grundlage(
        stichtag=daten.stichtag,
        datenstand=daten.datenstand,
        abdruck=hashlib.sha256(text.encode()).hexdigest(),
    )


def ungueltig(szenario: Szenario, jetzt: Grundlage) -> str:
    """Return why a scenario doesn't hold for the data opened now; empty when it does."""
    alt = szenario.grundlage
    if alt is None:
        return "Noch für keine Daten bestätigt."
    if alt == jetzt:
        return ""
    text = f"Gerechnet auf Daten vom {alt.datenstand:%d.%m.%Y}, seitdem geändert"
    if alt.stichtag != jetzt.stichtag:
        text = f"Gerechnet auf Daten zum Stichtag {alt.stichtag:%d.%m.%Y}"
    return f"{text} (jetzt: Datenstand {jetzt.datenstand:%d.%m.%Y})."


def bestaetigen(path: Path, jetzt: Grundlage) -> None:
    """Write *jetzt* into the file as the basis of its scenario; nothing else in it changes.

    Comments stay, but for those between the lines of ``grundlage`` itself.

    Raises:
        SzenarioFehler: The file has faults; it is left as it is.
        StorageError: It cannot be written.
    """
    before = lesen(path, jetzt.stichtag)
    text = path.read_bytes().decode("utf-8")
    lines = text.splitlines(keepends=True)
    end = "\r\n" if "\r\n" in text else "\n"
    block = [line + end for line in _block(jetzt).splitlines()]
    first, last = _stelle(text, len(lines))
    if first and not lines[first - 1].endswith("\n"):
        lines[first - 1] += end
    _write(path, "".join([*lines[:first], *block, *lines[last:]]), before, jetzt)


def _write(path: Path, text: str, before: Szenario, jetzt: Grundlage) -> None:
    building = path.with_name(f".{path.name}.{os.getpid()}.yml")
    try:
        building.write_bytes(text.encode("utf-8"))
        building.chmod(path.stat().st_mode & 0o777)
        with building.open("rb") as stream:
            os.fsync(stream.fileno())
        # Whatever stands in the file: what is read back must be what was there, on new data.
        written = Szenario.model_validate(yaml.safe_load(text))
        assert written == before.model_copy(update={"grundlage": jetzt}), "only grundlage changes"
        building.replace(path)
    except OSError as error:
        raise StorageError(
            f"Das Szenario ließ sich nicht schreiben ({error.strerror or type(error).__name__}).",
            wo=str(path),
            tun="Platz und Schreibrechte prüfen, dann erneut bestätigen.",
            unveraendert="Die Szenariodatei.",
        ) from None
    finally:
        building.unlink(missing_ok=True)


def _block(g: Grundlage) -> str:
    return (
        f"grundlage:\n  stichtag: {g.stichtag}\n  datenstand: {g.datenstand}\n"
        f"  abdruck: '{g.abdruck}'\n"
    )


def _stelle(text: str, ende: int) -> tuple[int, int]:
    """Return the lines [first, last) of ``grundlage``; behind everything if there is none."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode), "the file was read as a scenario before"
    for key, value in root.value:
        if key.value == "grundlage":
            # The end of a block lies behind the comments that follow it; its last leaf does not.
            last = max(node.end_mark.line for node in (key, *_blaetter(value)))
            return key.start_mark.line, last + 1
    return ende, ende


def _blaetter(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode) and not node.flow_style:
        for pair in node.value:
            yield from (leaf for part in pair for leaf in _blaetter(part))
    else:
        yield node


def neu(projekt: Projekt, name: str, jetzt: Grundlage, heute: date) -> Path:
    """Write a commented template of a scenario for the opened data; return its path.

    Raises:
        UsageError: The name is not usable, or taken.
        StorageError: The file cannot be written.
    """
    path = ordner(projekt, jetzt.stichtag) / f"{pruefe_name(name)}.yml"
    text = VORLAGE.format(
        name=name, heute=heute, stichtag=jetzt.stichtag, grundlage=_block(jetzt)
    )  # fmt: skip
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise UsageError(
            f"Das Szenario »{name}« gibt es schon.", wo=str(path), tun="Einen anderen Namen wählen."
        ) from None
    except OSError as error:
        raise StorageError(
            f"Die Vorlage ließ sich nicht schreiben ({error.strerror or type(error).__name__}).",
            wo=str(path),
            tun="Platz und Schreibrechte prüfen.",
        ) from None
    return path
