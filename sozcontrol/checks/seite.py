"""The validation page: every finding with its rows, for the people who can repair them.

It names rows by key columns (pseudonyms) and shows the cells a rule speaks about; therefore it lies
under ``data/``, readable by its owner only. One file, no request to anywhere, usable with keyboard
and screen reader.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from sozcontrol.checks.wortlaut import EINZAHL, accepted, by_table, extent, summary, table_title
from sozcontrol.errors import StorageError
from sozcontrol.findings import Finding, Fundstelle, Schwere, deutsch

STYLE = """
body{font:1rem/1.5 system-ui,sans-serif;color:#1b1b1b;background:#fff;
 margin:0 auto;max-width:70rem;padding:1rem}
h1{font-size:1.6rem}h2{font-size:1.3rem;border-bottom:2px solid #1b1b1b;margin-top:2.5rem}
h3{font-size:1.05rem;margin:1.5rem 0 .25rem}p{margin:.25rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}
dt{font-weight:600}dd{margin:0}
.schwere{display:inline-block;min-width:5rem;padding:0 .4rem;border:2px solid;text-align:center}
.fehler{color:#8a0f0f}.warnung{color:#6b4a00}.hinweis{color:#1f4e79}
.rahmen{overflow-x:auto;max-height:24rem}
table{border-collapse:collapse;margin:.5rem 0}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{border:1px solid #767676;padding:.15rem .6rem;text-align:left;vertical-align:top}
th{background:#eee}td.zahl{text-align:right;font-variant-numeric:tabular-nums}
summary{cursor:pointer}:focus-visible{outline:3px solid #1f4e79}
"""


def write_validation_page(
    path: Path, findings: Sequence[Finding], *, kopf: Mapping[str, str] | None = None
) -> None:
    """Write the page atomically to *path*, which must lie under ``data/``.

    *kopf* is shown at the top, label by label (Kommune, Stichtag, Datenstand, …).

    Raises:
        StorageError: The page cannot be written; an earlier one stays as it was.
    """
    page = render_page(findings, kopf=kopf or {})
    part = path.with_name(f".{path.name}.neu-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(page.encode())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StorageError(
            "Die Prüfseite konnte nicht geschrieben werden.",
            wo=f"{path} ({error.strerror})",
            tun="Speicherplatz und Schreibrechte prüfen.",
        ) from None


def render_page(findings: Sequence[Finding], *, kopf: Mapping[str, str]) -> str:
    """Return the page as HTML; same findings, same bytes."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in kopf.items())
    body = "".join(
        _section(number, name, found)
        for number, (name, found) in enumerate(by_table(findings).items(), start=1)
    )
    return (
        '<!DOCTYPE html>\n<html lang="de">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n<title>Prüfung der Lieferung</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Prüfung der Lieferung</h1>\n"
        "<p>Nur für den Dienstgebrauch – diese Seite nennt einzelne Zeilen und darf das Amt nicht "
        f"verlassen.</p>\n<dl>{head}</dl>\n<p><strong>{escape(summary(findings))}</strong></p>\n"
        f"{_overview(findings)}{body}</main>\n</body>\n</html>\n"
    )


def _overview(findings: Sequence[Finding]) -> str:
    if not findings:
        return "<p>Alle Regeln sind eingehalten.</p>\n"
    told = any(f.angenommen for f in findings)
    more = '<th scope="col">Angenommen</th>' if told else ""
    rows = "".join(
        f'<tr><th scope="row"><a href="#tabelle-{number}">{escape(table_title(name))}</a></th>'
        + "".join(f'<td class="zahl">{n}</td>' for n in _counts(found, told))
        + "</tr>\n"
        for number, (name, found) in enumerate(by_table(findings).items(), start=1)
    )
    return (
        "<table>\n<caption>Verletzte Regeln je Tabelle</caption>\n<thead><tr>"
        '<th scope="col">Tabelle</th><th scope="col">Fehler</th><th scope="col">Warnungen</th>'
        f'<th scope="col">Hinweise</th>{more}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n'
    )


def _counts(found: Sequence[Finding], told: bool) -> list[int]:
    """Return how many rules are broken by severity, and with *told* how many are accepted."""
    still = [f for f in found if not f.angenommen]
    more = [len(found) - len(still)] if told else []
    return [*(sum(f.schwere is s for f in still) for s in Schwere), *more]


def _section(number: int, name: str | None, found: list[Finding]) -> str:
    parts = "".join(_finding(f"{number}-{i}", f) for i, f in enumerate(found, start=1))
    heading = f'<h2 id="tabelle-{number}">{escape(table_title(name))}</h2>\n'
    return f"<section>\n{heading}{parts}</section>\n"


def _finding(anchor: str, f: Finding) -> str:
    severity = f'<span class="schwere {f.schwere.value}">{EINZAHL[f.schwere]}</span>'
    lines = [f'<h3 id="befund-{anchor}">{severity} {escape(f.regel)}: {escape(f.meldung)}</h3>\n']
    if where := extent(f):
        lines.append(f"<p>{escape(where)}</p>\n")
    if f.annahme:
        lines.append(f"<p><strong>{escape(accepted(f.annahme))}</strong></p>\n")
    if f.tun and not f.angenommen:
        lines.append(f"<p><strong>Tun:</strong> {escape(f.tun)}</p>\n")
    if f.stellen:
        lines.append(_rows(anchor, f))
    return "".join(lines)


def _rows(anchor: str, f: Finding) -> str:
    keys = tuple(dict.fromkeys(k for place in f.stellen for k in place.schluessel))
    values = tuple(dict.fromkeys(k for place in f.stellen for k in place.werte))
    columns = ("Datei", "Zeile", *keys, *values)
    head = "".join(f'<th scope="col">{escape(c)}</th>' for c in columns)
    body = "".join(_row(place, keys, values) for place in f.stellen)
    shown = f"{len(f.stellen)} von {f.anzahl}" if len(f.stellen) < f.anzahl else f"{f.anzahl}"
    return (
        f"<details>\n<summary>Fundstellen anzeigen ({shown})</summary>\n"
        f'<div class="rahmen" role="region" tabindex="0" aria-labelledby="stellen-{anchor}">\n'
        f'<table>\n<caption id="stellen-{anchor}">Fundstellen zu {escape(f.regel)}, '
        f"Zeile = Zeile der Quelldatei</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}</tbody>\n</table>\n</div>\n</details>\n"
    )


def _row(place: Fundstelle, keys: tuple[str, ...], values: tuple[str, ...]) -> str:
    row = "–" if place.zeile is None else str(place.zeile)
    texts = [
        *(deutsch(place.schluessel.get(k, "")) for k in keys),
        *(deutsch(place.werte.get(k, "")) for k in values),
    ]
    cells = "".join(f"<td>{escape(text)}</td>" for text in texts)
    return (
        f'<tr><th scope="row">{escape(place.datei)}</th><td class="zahl">{row}</td>{cells}</tr>\n'
    )
