"""What a run is asked for: typed and checked before a kernel starts.

A notebook takes exactly two parameters, both ISO strings: ``stichtag`` and ``datenstand``. It runs
once for all editions. papermill warns about an unknown name and goes on with the default, and a
*name* with code in it is executed; so names and values are held against this model first.
"""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator, model_validator

from sozcontrol.errors import NotebookFailed, UsageError, nearest

NAMEN = ("stichtag", "datenstand")
PLAIN = re.compile(r'stichtag = "[^"\\\n]*"\ndatenstand = "[^"\\\n]*"')
"""A cell of parameters as every notebook of ours has it."""
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)


def shown(text: object) -> str:
    """Return what a user typed, fit for one line of a message."""
    flat = "".join(c if c.isprintable() else " " for c in str(text))
    return " ".join(flat.split())[:60]


def parse_date(text: object, name: str) -> date:
    """Return the real calendar day an ISO string names.

    Raises:
        UsageError: Not of the form JJJJ-MM-TT, or no such day; the nearest valid form is named.
    """
    if type(text) is date:
        return text
    hit = _ISO.fullmatch(text) if isinstance(text, str) else None
    if hit:
        year, month, day = (int(part) for part in hit.groups())
        try:
            return date(year, month, day)
        except ValueError:
            raise UsageError(
                f"»{shown(text)}« ist kein Tag des Kalenders.",
                wo=f"--{name}",
                tun=_nearest_day(year, month, day),
            ) from None
    raise UsageError(
        f"»{shown(text)}« ist kein Datum der Form JJJJ-MM-TT.", wo=f"--{name}", tun=_as_iso(text)
    )


def _nearest_day(year: int, month: int, day: int) -> str:
    if not 1 <= year <= 9999 or not 1 <= month <= 12 or day < 1:
        return "Monat 01–12 und Tag 01–31 angeben, z. B. 2025-06-30"
    last = calendar.monthrange(year, month)[1]
    return f"Meinten Sie »{date(year, month, last).isoformat()}«?"


def _as_iso(text: object) -> str:
    hit = _GERMAN.fullmatch(text.strip()) if isinstance(text, str) else None
    if hit:
        day, month, year = (int(part) for part in hit.groups())
        try:
            return f"Meinten Sie »{date(year, month, day).isoformat()}«?"
        except ValueError:
            return _nearest_day(year, month, day)
    return "z. B. 2025-06-30"


class Parameter(BaseModel):
    """The parameters of one notebook execution."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    stichtag: date
    datenstand: date

    @field_validator("stichtag", "datenstand", mode="before")
    @classmethod
    def _real_day(cls, value: object, info: ValidationInfo) -> date:
        return parse_date(value, str(info.field_name))

    @model_validator(mode="after")
    def _known_later(self) -> Parameter:
        if self.datenstand < self.stichtag:
            raise UsageError(
                f"Der Datenstand {self.datenstand.isoformat()} liegt vor dem Stichtag "
                f"{self.stichtag.isoformat()}.",
                wo="--datenstand",
                tun=f"Einen Tag ab {self.stichtag.isoformat()} angeben.",
            )
        return self

    @classmethod
    def parse(cls, values: Mapping[str, object]) -> Parameter:
        """Return the checked parameters of *values*.

        Raises:
            UsageError: One line; the first fault, with the nearest valid name or value.
        """
        for name in values:
            if name not in NAMEN:
                raise UsageError(
                    f"Der Parameter »{shown(name)}« ist unbekannt.",
                    wo="Parameter",
                    tun=nearest(shown(name), NAMEN),
                )
        for name in NAMEN:
            if name not in values:
                raise UsageError(f"Der Parameter »{name}« fehlt.", wo="Parameter", tun=f"--{name}")
        return cls.model_validate(dict(values))

    def as_notebook(self) -> dict[str, str]:
        """Return plain strings: papermill rejects dates and YAML would make some."""
        return {
            "stichtag": self.stichtag.isoformat(),
            "datenstand": self.datenstand.isoformat(),
        }


def check_notebook(notebook: Path) -> None:
    """Prove that *notebook* declares exactly the two parameters, readable without a warning.

    Raises:
        NotebookFailed: The notebook is missing, is no notebook, or declares other parameters.
    """
    if _plain(notebook):
        return
    found = _declared(notebook)
    if set(found) == set(NAMEN) and all(name.isidentifier() for name in found):
        return
    missing, extra = sorted(set(NAMEN) - set(found)), sorted(set(found) - set(NAMEN))
    parts = [f"es fehlt {', '.join(missing)}"] if missing else []
    parts += [f"unbekannt ist {', '.join(map(shown, extra))}"] if extra else []
    raise NotebookFailed(
        f"Das Notebook »{notebook.stem}« erklärt nicht die Parameter {', '.join(NAMEN)}: "
        f"{'; '.join(parts)}.",
        wo=f"{notebook.name}, Zelle mit dem Tag »parameters«",
        tun="Genau diese zwei Namen mit Vorgaben als Text zuweisen.",
    )


def _plain(notebook: Path) -> bool:
    """Whether its cell of parameters is the two lines all of ours have.

    Papermill has nothing to find in them, and takes as long to import as a page to make.
    """
    try:
        nb = json.loads(notebook.read_bytes())
        known = nb["nbformat"] == 4 and nb["metadata"]["kernelspec"]["language"] == "python"
        said = ["".join(cell["source"]) for cell in nb["cells"]
                if "parameters" in cell["metadata"].get("tags", ())]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return known and len(said) == 1 and PLAIN.fullmatch(said[0]) is not None


def _declared(notebook: Path) -> dict[str, dict]:
    import logging

    from papermill import inspect_notebook

    warned: list[logging.LogRecord] = []

    class Catcher(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            warned.append(record)

    catcher = Catcher(logging.WARNING)
    log = logging.getLogger("papermill")
    before, log.propagate = log.propagate, False
    log.addHandler(catcher)
    try:
        # Braces are format fields to papermill, also in a path.
        found = inspect_notebook(str(notebook).replace("{", "{{").replace("}", "}}"))
    except Exception as error:
        raise NotebookFailed(
            f"Das Notebook »{notebook.stem}« ist nicht lesbar ({type(error).__name__}).",
            wo=str(notebook),
            tun="Datei aus der Versionsverwaltung wiederherstellen.",
        ) from error
    finally:
        log.removeHandler(catcher)
        log.propagate = before
    if warned:
        raise NotebookFailed(
            f"Die Parameterzelle von »{notebook.stem}« ist nicht eindeutig lesbar.",
            wo=f"{notebook.name}, Zelle mit dem Tag »parameters«",
            tun='Je Zeile eine Zuweisung der Form  stichtag = "2025-06-30".',
        )
    return found
