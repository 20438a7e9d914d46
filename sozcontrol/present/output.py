"""What a notebook cell shows: a declaration, to be decided and drawn when all of them are known.

In a run the values lie in a folder of the run's own and the output refers to them. Elsewhere
(JupyterLab, papermill or nbconvert called by hand) it shows a preview, decided on the spot.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, wraps
from itertools import count
from pathlib import Path
from typing import Protocol

from pydantic import TypeAdapter
from typing_extensions import TypedDict

from sozcontrol import catalogue
from sozcontrol.catalogue.ziel import Ziel
from sozcontrol.catalogue.zielbeschluss import Zielbeschluss, beschlossen, lesen
from sozcontrol.disclosure import Antrag, Released
from sozcontrol.errors import NotReleased
from sozcontrol.measures.aufstellungen import Aufstellung
from sozcontrol.present import plain
from sozcontrol.present.fragment import Fragment, Zielort, current
from sozcontrol.present.kinds import AT_DRAWING, KINDS, Kind
from sozcontrol.present.plain import Undecided
from sozcontrol.projekt import MIME, VALUES_VARIABLE, Projekt

_numbers = count(1)


@dataclass(frozen=True)
class Tafel:
    """One undecided table of an output: which columns are shown (None: all), and to whom."""

    tafel: Undecided
    gezeigt: tuple[str, ...] | None
    sichtbar: tuple[str, ...] | None


class Verweis(TypedDict):
    """What a notebook file holds of an output: no figure, only where the figures lie."""

    art: str
    angaben: dict[str, object]
    verweis: str | None
    sichtbar: list[str] | None


class Tafelschrift(TypedDict):
    """One undecided table as it lies in the folder of a run."""

    tafel: object
    gezeigt: list[str] | None
    sichtbar: list[str] | None


_VERWEIS, _TAFELN = TypeAdapter(Verweis), TypeAdapter(list[Tafelschrift])


@dataclass(frozen=True, eq=False)
class Output:
    """One declared output: its kind, its options as plain data, and the tables it uses.

    ``sichtbar`` names the editions it is for; None: all.
    """

    kind: str
    options: Mapping[str, object]
    tafeln: tuple[Tafel, ...]
    sichtbar: tuple[str, ...] | None = None

    def antraege(self, bereich: str, prefix: str, first: int = 0) -> tuple[Antrag, ...]:
        """Return what has to be decided before this output can be drawn, numbered from *first*."""
        return tuple(
            Antrag(f"{prefix}/{n}", bereich, t.tafel, t.gezeigt, t.sichtbar)
            for n, t in enumerate(self.tafeln, start=first)
        )

    def as_bundle(self, reference: str | None) -> Verweis:
        """Return what the notebook file holds: no figure, only where the figures lie."""
        return {
            "art": self.kind, "angaben": dict(self.options), "verweis": reference,
            "sichtbar": None if self.sichtbar is None else list(self.sichtbar),
        }  # fmt: skip

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        folder = os.environ.get(VALUES_VARIABLE)
        if folder:
            return {
                MIME: self.as_bundle(store_values(self, Path(folder))), "text/plain": repr(self)
            }  # fmt: skip
        drawn = self.preview()
        return {MIME: self.as_bundle(None), "text/html": drawn.html, "text/plain": drawn.text}

    def preview(self) -> Fragment:
        """Return what is seen where no run decides; what would head the page stands first."""
        from sozcontrol.present.preview import preview

        projekt = Projekt.find()
        seen = preview(
            self.sichtbar, self.antraege,
            lambda released, edition: draw(self, released, edition=edition, projekt=projekt),
        )  # fmt: skip
        head = f"<p><strong>{seen.schlagzeile}</strong></p>" if seen.schlagzeile else ""
        return replace(seen, html=head + seen.html)

    def __repr__(self) -> str:
        return f"Ausgabe »{self.kind}«"


def store_values(output: Output, folder: Path) -> str:
    """Write the tables of an output for this user only; return the name that refers to them."""
    name = f"{next(_numbers):04d}.json"
    tables = [
        {"tafel": plain.encode(t.tafel), "gezeigt": t.gezeigt, "sichtbar": t.sichtbar}
        for t in output.tafeln
    ]
    handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(tables, file, ensure_ascii=False)
    return name


def read_output(bundle: Mapping[str, object], folder: Path) -> Output:
    """Return the output that a notebook of a run refers to.

    Raises:
        ValueError, KeyError, TypeError, OSError: It is none.
    """
    found = _VERWEIS.validate_python(bundle)
    name = found["verweis"] or ""
    if found["art"] not in KINDS or not (name[:-5].isdigit() and name.endswith(".json")):
        raise ValueError("no declaration of ours")
    tables = tuple(map(_read_tafel, _TAFELN.validate_json((folder / name).read_bytes())))
    return Output(found["art"], found["angaben"], tables, _names(found["sichtbar"]))


def _read_tafel(written: Tafelschrift) -> Tafel:
    table = plain.decode(written["tafel"])
    if not isinstance(table, Undecided):
        raise TypeError("no table")
    return Tafel(table, _names(written["gezeigt"]), _names(written["sichtbar"]))


def _names(value: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


class Declares(Protocol):
    """A function of ``present`` as notebooks call it."""

    def __call__(
        self,
        *arguments: object,
        sichtbar: Sequence[str] | None = None,
        dahinter: Sequence[Undecided] = (),
        **options: object,
    ) -> Output | None:
        """Declare an output, for the editions *sichtbar*; *dahinter* is protected with it."""


def declared(kind: str) -> Declares:
    """Return the function that declares outputs of one *kind*, with the signature of its drawing.

    It takes undecided tables where the drawing takes released ones. Where nothing is ever shown it
    returns None.
    """
    found = KINDS[kind]

    @wraps(found.draw)
    def declare(
        *arguments: object,
        sichtbar: Sequence[str] | None = None,
        dahinter: Sequence[Undecided] = (),
        **options: object,
    ) -> Output | None:
        bound = found.declared.bind(*arguments, **options)
        bound.apply_defaults()
        given = {**bound.arguments}
        if found.nothing(given):
            return None
        editions = None if sichtbar is None else tuple(catalogue.edition(e).id for e in sichtbar)
        return _output(found, given, editions, dahinter)

    declare.__signature__ = found.declared  # type: ignore[attr-defined]
    return declare


def _output(
    kind: Kind,
    given: Mapping[str, object],
    editions: tuple[str, ...] | None,
    behind: Sequence[Undecided],
) -> Output:
    tables = [Tafel(table, (), editions) for table in behind]

    def taking(name: str) -> plain.Take:
        def take(table: Undecided, own: tuple[str, ...] | None) -> int:
            shown = kind.tables[name](given, table)
            tables.append(Tafel(table, None if shown is None else tuple(shown), own))
            return len(tables) - 1

        return take

    options: dict[str, object] = {}
    for name, value in given.items():
        if name in kind.tables:
            _demand_undecided(value, kind.name)
            options[name] = plain.encode(value, taking(name), editions)
        else:
            options[name] = plain.encode(value)
    if any(isinstance(t.tafel, Aufstellung) and t.tafel.einzelfaelle for t in tables):
        editions = _open_one(editions)
        tables = [replace(t, sichtbar=_open_one(t.sichtbar)) for t in tables]
    return Output(kind.name, options, tuple(tables), editions)


def _open_one(editions: tuple[str, ...] | None) -> tuple[str, ...]:
    """Leave of *editions* the one that hides nothing: an output with single cases is for it."""
    known = catalogue.offene_edition()
    return (known,) if editions is None or known in editions else ()


def _demand_undecided(value: object, kind: str) -> None:
    """Refuse bare frames and numbers where tables belong: they have not said what they count."""
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, (list, tuple)):
        for part in value:
            _demand_undecided(part, kind)
        return
    if not (value is None or isinstance(value, (str, date, *plain.FORMS.values()))):
        raise NotReleased(
            f"{kind} nimmt Aufstellungen und Werte; übergeben wurde »{type(value).__name__}«.",
            wo=f"present.{kind}",
            tun="Eine Aufstellung oder die Werte einer Kennzahl übergeben.",
        )


def draw(
    output: Output, released: Sequence[Released | None], *, edition: str, projekt: Projekt,
    beschluesse: Sequence[Zielbeschluss] | None = None,
) -> Fragment | None:  # fmt: skip
    """Draw an output for one edition from its decided tables; None where it shows nothing there.

    *beschluesse* are what was decided on goals since they were delivered; None: what is written
    down now.

    Raises:
        SozcontrolError: Its options do not fit its tables.
    """
    if output.sichtbar is not None and edition not in output.sichtbar:
        return None
    kind = KINDS[output.kind]

    @cache
    def since() -> Sequence[Zielbeschluss]:
        return lesen(projekt.zielbeschluesse) if beschluesse is None else beschluesse

    def now(ziel: Ziel) -> Ziel:
        found = beschlossen(ziel, since())
        if not kind.nennt_ziele:
            current().ziele.append(Zielort(found))
        return found

    given = {k: plain.decode(v, lambda n: released[n], now) for k, v in output.options.items()}
    known = {"edition": edition, "projekt": projekt}
    given |= {name: known[name] for name in AT_DRAWING if name in kind.signature.parameters}
    bound = kind.signature.bind_partial()
    bound.arguments.update({n: given[n] for n in kind.signature.parameters if n in given})
    return kind.draw(*bound.args, **bound.kwargs)
