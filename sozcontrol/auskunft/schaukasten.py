"""Show one edition in the browser, to whoever started it and to nobody else.

It listens on 127.0.0.1 only; but every user and every page open in a browser of this machine
reaches that address. So the way in is a secret drawn anew at each start, and a request that names
another host (a foreign name made to point here) gets nothing. What may be fetched is a list of
names made for each request: there is no path to climb out of, and no other edition.

Pages are not reloaded by themselves: they allow no script but their own, and a refresh sent along
would take place, sorting and screen reader from whoever reads. F5 shows the newest.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import date
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sozcontrol import catalogue
from sozcontrol.errors import DeliveryMissing, SozcontrolError, UsageError
from sozcontrol.press.ablegen.arbeitsstand import folder_of
from sozcontrol.press.ablegen.uebersicht import INDEX
from sozcontrol.press.auszug.themenauszug import published_edition
from sozcontrol.press.auszug.versandpaket import parts
from sozcontrol.press.seite.export import long_date
from sozcontrol.projekt import Projekt

HOST = "127.0.0.1"
KINDS = {
    ".html": "text/html; charset=utf-8", ".json": "application/json; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
HEADERS = {
    "Cache-Control": "no-store",  # a reload shows the newest, and the browser keeps no figures
    "Referrer-Policy": "no-referrer",  # the address is the secret
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
Dateien = Mapping[str, bytes]
"""What may be fetched, by its address below the secret."""


def published(projekt: Projekt, stichtag: date, edition: str) -> Dateien:
    """Return a published edition, every file proved to be what was published.

    Raises:
        DeliveryMissing: It isn't published for that day.
        NotReleased: A file is not what was published.
    """
    return dict(parts(published_edition(projekt, stichtag, edition)))


def in_work(projekt: Projekt, stichtag: date, edition: str) -> Dateien:
    """Return the state of work on an edition.

    Raises:
        DeliveryMissing: There is none.
    """
    catalogue.edition(edition)
    folder = folder_of(projekt, stichtag, edition)
    if not (folder / INDEX).is_file():
        raise DeliveryMissing(
            f"Zum {long_date(stichtag)} liegt kein Arbeitsstand der Edition »{edition}«.",
            wo=str(folder),
            tun=f"Erst bauen: sozcontrol watch --stichtag {stichtag} --edition {edition}.",
        )
    there = [p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in there if p.suffix in KINDS}


class Schaukasten(ThreadingHTTPServer):
    """Serves what *dateien* returns at the moment of asking."""

    daemon_threads = True

    def __init__(self, dateien: Callable[[], Dateien], port: int = 0) -> None:
        """Listen on *port*, or on a free one.

        Raises:
            UsageError: Somebody else listens there.
        """
        self.dateien, self.geheimnis = dateien, secrets.token_urlsafe(24)
        try:
            super().__init__((HOST, port), _Antwort)
        except (OSError, OverflowError):
            raise UsageError(
                f"Auf Port {port} lässt sich nichts zeigen.", wo="--port",
                tun="Einen anderen nennen, oder keinen: dann wird ein freier genommen.",
            ) from None  # fmt: skip

    @property
    def adresse(self) -> str:
        """The address of the index."""
        return f"http://{HOST}:{self.server_port}/{self.geheimnis}/{INDEX}"


class _Antwort(BaseHTTPRequestHandler):
    server: Schaukasten
    server_version, sys_version = "sozcontrol", ""

    def do_GET(self) -> None:
        """Answer with a file, or with a word on why there is none."""
        name = self._asked()
        if name is None:
            return self._say(HTTPStatus.NOT_FOUND, "Hier ist nichts.")
        try:
            found = self.server.dateien().get(name)
        except SozcontrolError as fault:
            return self._say(HTTPStatus.SERVICE_UNAVAILABLE, str(fault))
        if found is None:
            return self._say(HTTPStatus.NOT_FOUND, "Diese Seite gehört nicht zu dieser Edition.")
        return self._send(HTTPStatus.OK, KINDS[Path(name).suffix], found)

    def _asked(self) -> str | None:
        """Return the name that is asked for; None for whoever doesn't know the way in."""
        own = {f"{host}:{self.server.server_port}" for host in (HOST, "localhost")}
        if self.headers.get("Host") not in own:
            return None
        way, _, name = urlsplit(self.path).path.removeprefix("/").partition("/")
        known = hmac.compare_digest(way.encode(), self.server.geheimnis.encode())
        return (unquote(name) or INDEX) if known else None

    def _say(self, status: HTTPStatus, text: str) -> None:
        self._send(status, "text/plain; charset=utf-8", f"{text}\n".encode())

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Type": kind}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the address is the secret."""
