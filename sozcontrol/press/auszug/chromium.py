"""Print a page with Chromium: in a place of its own, without network, scripts and a clock's end.

The page is a report that was published; the browser gets no more of this machine than it needs.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sozcontrol.errors import ConfigurationError
from sozcontrol.press.lauf.storage import storage_errors
from sozcontrol.projekt import Projekt

VARIABLE = "SOZCONTROL_CHROMIUM"
NAMEN = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
SEKUNDEN = 120
"""So long a page may take; the longest report takes a twentieth of it."""
PLATZ = ".druck.neu-"
"""How the folder's name begins; whoever holds the lock next sweeps what is called so."""
SCHALTER = (
    "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-breakpad", "--no-first-run", "--no-pings", "--password-store=basic",
    # Nothing is asked for, and nobody would be reached, not even on this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9", "--proxy-bypass-list=<-loopback>",
    "--no-pdf-header-footer", "--generate-pdf-document-outline",
)  # fmt: skip


def printed(projekt: Projekt, html: str) -> bytes:
    """Return *html* as Chromium prints it; call it with the project's lock held.

    Raises:
        ConfigurationError: There is no Chromium, or it doesn't print.
        StorageError: There is no place to print.
    """
    browser = _browser()
    with _place(projekt) as place:
        page, target = place / "seite.html", place / "seite.pdf"
        page.write_text(html, encoding="utf-8")
        sandbox = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
        _run([browser, *SCHALTER, *sandbox, f"--user-data-dir={place / 'profil'}",
              f"--print-to-pdf={target}", page.as_uri()], place)  # fmt: skip
        if not target.is_file():
            raise _failed(browser, "es entstand keine Datei")
        return target.read_bytes()


def _browser() -> str:
    given = os.environ.get(VARIABLE)
    found = shutil.which(given) if given else next(filter(None, map(shutil.which, NAMEN)), None)
    if found is None:
        raise ConfigurationError(
            "Zum Drucken fehlt Chromium (oder ein anderer Browser, der darauf beruht).",
            wo=f"{VARIABLE}={given}" if given else f"Suchpfad: {', '.join(NAMEN)}",
            tun=f"Es einrichten (Debian: apt install chromium) oder das Programm in {VARIABLE} "
            "nennen. Ohne: die Seite im Browser öffnen und als PDF drucken, dann ohne PDF/UA.",
            unveraendert="Alle Berichte.",
        )
    return found


@contextmanager
def _place(projekt: Projekt) -> Iterator[Path]:
    place = projekt.runs / f"{PLATZ}{os.getpid()}"
    with storage_errors("Zum Drucken fehlt der Platz", place, unveraendert="Alle Berichte."):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True, mode=0o700)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)


def _run(words: list[str], place: Path) -> None:
    """Run the browser to its end; when this process has to go, it goes too."""
    home = str(place)
    environment = {
        "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "TZ": "UTC",
        "TMPDIR": ".",  # here, said in short: the path of a socket has 108 signs
        **dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), home),
    }  # fmt: skip
    with (place / "gesagt.txt").open("wb") as said:
        process = subprocess.Popen(
            words, cwd=place, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=said, stderr=said,
        )  # fmt: skip
        try:
            code = process.wait(timeout=SEKUNDEN)
        except subprocess.TimeoutExpired:
            raise _failed(words[0], f"nach {SEKUNDEN} Sekunden war er nicht fertig") from None
        finally:
            _end(process)
    if code:
        raise _failed(words[0], f"er endete mit {code}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the browser with all it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _failed(browser: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"Der Browser hat nicht gedruckt: {why}.",
        wo=browser,
        tun=f"Den Browser aktualisieren oder einen anderen in {VARIABLE} nennen.",
        unveraendert="Alle Berichte.",
    )
