"""Take a delivery in: recognise it, or read, type, check and store it."""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import sozcontrol
from sozcontrol import catalogue
from sozcontrol.catalogue import Kommune
from sozcontrol.errors import DeliveryMissing
from sozcontrol.findings import Finding, Schwere, blocked_tables
from sozcontrol.press.lauf.plan import lieferfrist
from sozcontrol.press.lauf.progress import Progress
from sozcontrol.press.lauf.storage import open_to_others
from sozcontrol.projekt import Projekt

if TYPE_CHECKING:
    import pyarrow as pa

    from sozcontrol.tidy import Pseudonymiser, Tidied

PACKAGE = Path(sozcontrol.__file__).parent
READING = (
    "catalogue/**/*.py", "findings.py", "intake/**/*.py", "tidy/**/*.py", "checks/**/*.py",
    "press/lauf/receive.py", "zuzweit.py",
)  # fmt: skip

M_MMAP_THRESHOLD, LARGE_PIECE = -3, 1 << 20
"""glibc: pieces of so many bytes are taken from the system and given back, each by itself."""


@dataclass(frozen=True)
class Eingang:
    """A delivery that lies in the store, with what its checks found."""

    stichtag: date
    datenstand: date
    kommune: Kommune
    findings: tuple[Finding, ...]
    pruefseite: Path
    bekannt: bool

    @property
    def hat_fehler(self) -> bool:
        """Whether any finding blocks a table or the whole delivery."""
        return any(f.schwere is Schwere.FEHLER for f in self.findings)


def receive(projekt: Projekt, stichtag: date, datenstand: date, report: Progress) -> Eingang:
    """Take in the delivery of one Stichtag and Datenstand; a known one is reused as it is.

    Raises:
        DeliveryMissing: Its folder is not there.
        CatalogueError: Its Lieferschein is not valid, or names no known municipality; or the file
            of accepted findings is not valid.
        DeliveryError: It cannot be read as its profiles say.
        ConfigurationError: The pseudonym key is missing, open to others, or another one; or the
            place is another Kommune's.
        StorageError: It could not be stored.
    """
    from sozcontrol import checks, intake, store

    ausnahmen = checks.load_ausnahmen(projekt.ausnahmen)
    ordner = projekt.delivery_folder(stichtag, datenstand)
    if not ordner.is_dir():
        raise no_delivery(projekt, stichtag, ordner)
    kommune = intake.kommune_of(ordner)
    report.step("Lieferung erkennen")
    _warn_of_open_files(projekt, ordner, report)
    intake.take_snapshots(ordner, kommune, stichtag)
    frist = lieferfrist(kommune, stichtag)
    inhalt = _fingerprint(projekt, f"{intake.fingerprint(ordner, kommune)} {frist}")
    known = store.find(projekt, stichtag, datenstand, inhalt) is not None
    if known:
        report.step("Lieferung ist schon geprüft und gespeichert")
        findings = store.load_findings(projekt, stichtag, datenstand)
    else:
        findings = _take_in(projekt, kommune, stichtag, datenstand, inhalt, report)
    findings = checks.accept(findings, ausnahmen, datenstand)
    page = page_path(projekt, stichtag, datenstand)
    _write_page(page, findings, kommune, stichtag, datenstand)
    return Eingang(stichtag, datenstand, kommune, findings, page, known)


def _warn_of_open_files(projekt: Projekt, ordner: Path, report: Progress) -> None:
    with suppress(OSError):  # what can't be looked at is told by whoever reads it
        if found := open_to_others(ordner):
            one, many = "Eine gelieferte Datei kann", f"{len(found)} gelieferte Dateien können"
            report.warn(
                f"{one if len(found) == 1 else many} alle Benutzer dieses Rechners lesen: "
                f"{ordner.relative_to(projekt.root).as_posix()}. "
                f"Schließen: chmod -R o-rwx {projekt.data.relative_to(projekt.root).as_posix()}"
            )


def page_path(projekt: Projekt, stichtag: date, datenstand: date) -> Path:
    """Return where the validation page lies: it names rows and stays under ``data/``."""
    name = f"{stichtag.isoformat()}_{datenstand.isoformat()}.html"
    return projekt.runs / "pruefung" / name


def no_delivery(projekt: Projekt, stichtag: date, ordner: Path) -> DeliveryMissing:
    """Return the error that says what lies where nothing was delivered."""
    parent = projekt.raw / stichtag.isoformat()
    there = sorted(p.name for p in parent.iterdir() if p.is_dir()) if parent.is_dir() else []
    hint = f"Vorhanden: {', '.join(there)}." if there else "Beispiel: sozcontrol demo."
    if other := _other_spelling(ordner):
        hint = f"Es gibt {other}; Ordner heißen Jahr-Monat-Tag mit Bindestrichen."
    return DeliveryMissing(
        f"Zum Stichtag {stichtag:%d.%m.%Y} liegt keine Lieferung vor.",
        wo=str(ordner),
        tun=f"Die gelieferten Dateien in diesen Ordner legen. {hint}",
        unveraendert="Alle bisherigen Berichte.",
    )


def _other_spelling(folder: Path) -> str | None:
    """Return the folder that means the same day as *folder* or its parent, written otherwise."""
    for wanted in (folder.parent, folder):
        if wanted.is_dir() or not wanted.parent.is_dir():
            continue
        day = date.fromisoformat(wanted.name)
        spelt = {f"{day:%Y%m%d}", f"{day:%d%m%Y}", f"{day:%d%m%y}", f"{day:%y%m%d}"}
        for other in sorted(wanted.parent.iterdir()):
            if "".join(filter(str.isdigit, other.name)) in spelt:
                return f"»{other.name}« statt »{wanted.name}«"
    return None


def _fingerprint(projekt: Projekt, delivery: str) -> str:
    """Extend the delivery's fingerprint by code and rules: what changed there reads it anew."""
    digest = hashlib.sha256(delivery.encode())
    rules = rule_files(projekt.expectations)
    for root, paths in ((PACKAGE, code()), (projekt.expectations, rules)):
        for path in paths:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def code() -> list[Path]:
    """Return the modules that decide what the tables and findings of a delivery are.

    A stored delivery must not outlive a mistake in one of them.
    """
    return sorted(p for room in READING for p in PACKAGE.glob(room))


def rule_files(expectations: Path) -> list[Path]:
    """Return the files that say what is checked."""
    return sorted(p for p in expectations.rglob("*") if p.is_file())


def _take_in(
    projekt: Projekt,
    kommune: Kommune,
    stichtag: date,
    datenstand: date,
    inhalt: str,
    report: Progress,
) -> tuple[Finding, ...]:
    from sozcontrol import checks, store, tidy

    _keep_nothing()
    store.check_kommune(projekt, kommune.id)
    # A lost key must not be replaced in silence: the stored pseudonyms would be strangers.
    first = not store.deliveries(projekt) and not projekt.damaged.exists()
    key = tidy.load_key(projekt, create=first)
    pseudonyms = tidy.Pseudonymiser(key, kommune.id)
    store.check_key(projekt, pseudonyms.key_id)
    tidied = _typed(projekt, kommune, stichtag, datenstand, pseudonyms, report)
    report.step("Prüfregeln anwenden")
    previous = _previous(projekt, stichtag, datenstand)
    checked = checks.check(
        {**tidied.tables, **tidied.gesperrt},
        stichtag=stichtag,
        datenstand=datenstand,
        expectations=projekt.expectations,
        previous=previous,
        unsicher=tidied.unsicher,
    )
    findings = (*tidied.findings, *checked)
    result = checks.pruefergebnis(
        {**tidied.tables, **tidied.gesperrt},
        findings,
        checks.regelverzeichnis(projekt.expectations),
        stand=(stichtag, datenstand),
        faellig_am=lieferfrist(kommune, stichtag),
        vorher=previous,
    )
    report.step("Lieferung speichern")
    store.save(
        projekt,
        stichtag=stichtag,
        datenstand=datenstand,
        inhalt=inhalt,
        kommune=kommune.id,
        schluessel_id=pseudonyms.key_id,
        tables={**_with_status(tidied.tables, findings), "pruefung": result},
        findings=findings,
    )
    return findings


def _keep_nothing() -> None:
    """Return to the system what is let go: a delivery is read once, and all of it is let go.

    Arrow's own pool would keep it. So would glibc, which takes ever larger pieces from its own
    store once one was let go; where there is another library, it does as it does.
    """
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())
    with suppress(AttributeError, OSError, TypeError):  # TypeError: Windows names no library None
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_PIECE)


def _typed(
    projekt: Projekt,
    kommune: Kommune,
    stichtag: date,
    datenstand: date,
    pseudonyms: Pseudonymiser,
    report: Progress,
) -> Tidied:
    """Return the tables of a delivery; its texts are let go before anything is checked."""
    from sozcontrol import intake, tidy

    report.step("Lieferung lesen")
    ordner = projekt.delivery_folder(stichtag, datenstand)
    delivery = intake.read_delivery(ordner, kommune, stichtag=stichtag, datenstand=datenstand)
    report.step("Werte übersetzen und Nummern pseudonymisieren")
    return tidy.to_tables(delivery, pseudonyms)


def _with_status(
    tables: Mapping[str, pa.Table], findings: tuple[Finding, ...]
) -> Mapping[str, pa.Table]:
    """Return *tables* with the verdict of all rules in ``lieferung.status``."""
    import pyarrow as pa

    table = tables["lieferung"]
    blocked = blocked_tables(findings)
    warned = {f.tabelle for f in findings if f.schwere is Schwere.WARNUNG}
    status = [
        "abgelehnt" if name in blocked else "warn" if name in warned else "ok"
        for name in table["tabelle"].to_pylist()
    ]
    at = table.schema.get_field_index("status")
    column = pa.array(status, type=table.schema.field(at).type)
    return {**tables, "lieferung": table.set_column(at, table.schema.field(at), column)}


def _previous(projekt: Projekt, stichtag: date, datenstand: date) -> Mapping[str, pa.Table] | None:
    """Return each table as the nearest earlier delivery has it, for rules that compare.

    A rejected table is passed over: whatever replaces it is held against the last valid one.
    """
    import pyarrow as pa

    from sozcontrol import store

    latest: dict[str, tuple[str, str]] = {}
    for m in store.deliveries(projekt):
        when = (m["stichtag"], m["datenstand"])
        if when < (stichtag.isoformat(), datenstand.isoformat()):
            latest |= dict.fromkeys(m["tabellen"], when)
    tables: dict[str, pa.Table] = {}
    logs: list[pa.Table] = []
    for when in sorted(set(latest.values())):
        daten = store.open_data(*when, projekt)
        try:
            delivered = [n for n in daten.tabellen if catalogue.tabelle(n).geliefert]
            names = [n for n in delivered if latest[n] == when]
            tables |= {name: daten[name].to_pyarrow() for name in names}
            if daten.hat("lieferung"):
                log = daten.lieferung
                logs.append(log.filter(log.tabelle.isin(names)).to_pyarrow())
        finally:
            daten.close()
    return {**tables, "lieferung": pa.concat_tables(logs)} if logs else tables or None


def _write_page(
    page: Path, findings: tuple[Finding, ...], kommune: Kommune, stichtag: date, datenstand: date
) -> None:
    from sozcontrol import checks

    page.parent.mkdir(parents=True, exist_ok=True)
    kopf = {
        "Kommune": kommune.name,
        "Stichtag": f"{stichtag:%d.%m.%Y}",
        "Datenstand": f"{datenstand:%d.%m.%Y}",
    }
    if kommune.erfunden_satz:
        kopf["Hinweis"] = kommune.erfunden_satz
    checks.write_validation_page(page, findings, kopf=kopf)
    page.chmod(0o600)
