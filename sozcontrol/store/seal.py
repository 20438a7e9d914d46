"""Prove that what is read is what was written: checksums of files, and JSON that carries its own.

A disk, a copy or a backup can turn a bit, and the file may still be read as something else. So
nothing stored is believed before its checksum is proved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter, ValidationError

from sozcontrol import dateisumme
from sozcontrol.errors import Damaged, StorageError, reason

if TYPE_CHECKING:
    import pyarrow as pa

SEAL = "pruefsumme"
Form = TypeVar("Form")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the system says about *path* into German.

    Raises:
        Damaged: It is gone, or the medium doesn't give it back.
        StorageError: It belongs to somebody else.
    """
    try:
        yield
    except FileNotFoundError:
        raise Damaged(f"»{path.name}« fehlt in der Ablage.", path) from None
    except PermissionError:
        raise StorageError(
            f"»{path.name}« lässt sich nicht lesen: keine Leserechte.",
            wo=str(path),
            tun="Leserechte der Datei und ihres Ordners prüfen.",
        ) from None
    except OSError as error:
        raise Damaged(f"»{path.name}« lässt sich nicht lesen: {reason(error)}.", path) from None


def read(path: Path) -> bytes:
    """Return the bytes of a stored file, unproved."""
    with reading(path):
        return path.read_bytes()


def exists(path: Path) -> bool:
    """Whether something lies there."""
    with reading(path):
        return path.exists()


def is_dir(path: Path) -> bool:
    """Whether a folder lies there."""
    with reading(path):
        return path.is_dir()


def listing(folder: Path, suffix: str = "") -> list[Path]:
    """Return what lies in *folder* by name; nothing where there is no folder yet.

    Hidden names are left out: they are files still being written.
    """
    with reading(folder):
        if not folder.exists():
            return []
        found = [p for p in folder.iterdir() if p.name.endswith(suffix)]
    return sorted(p for p in found if not p.name.startswith("."))


def digest(content: bytes) -> str:
    """Return the checksum stored files are known by."""
    return hashlib.sha256(content).hexdigest()


def checksum(path: Path) -> str:
    """Return the checksum of a file; an unchanged file is read once per process."""
    with reading(path):
        return dateisumme.checksum(path)


def prove(path: Path, expected: str) -> None:
    """Demand that *path* holds what was written.

    Raises:
        Damaged: It holds something else, or is gone.
    """
    if checksum(path) != expected:
        raise changed(path)


def changed(path: Path) -> Damaged:
    """Return the fault of a file that isn't what was written."""
    return Damaged(f"»{path.name}« ist nicht mehr, was gespeichert wurde.", path)


def table(path: Path) -> pa.Table:
    """Return what a Parquet file holds; pages that carry a checksum are proved by it.

    Raises:
        Damaged: It can't be read as Parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = pa.BufferReader(read(path))
    try:  # read_table() would import what reads folders of files: half a second
        return pq.ParquetFile(content, page_checksum_verification=True).read()
    except (pa.ArrowException, OSError, ValueError):
        raise changed(path) from None


def parquet(table: pa.Table) -> bytes:
    """Return *table* as the Parquet we store: small, each page with a checksum."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)
    return sink.getvalue().to_pybytes()


def sealed(data: Mapping[str, object]) -> dict[str, object]:
    """Return *data* as plain JSON values with the checksum of all of them."""
    plain = json.loads(json.dumps(data, default=str))
    return {**plain, SEAL: _seal(plain)}


def sealed_text(data: Mapping[str, object]) -> str:
    """Return the JSON of :func:`sealed`, written once; of plain values whose keys are texts.

    Others are in another order, or something else, once they are read.
    """
    plain = _canonical(data)
    seal = f'"{SEAL}":"{digest(plain.encode("ascii"))}"}}'
    return f"{plain[:-1]},{seal}" if data else "{" + seal


def unsealed(
    path: Path, form: TypeAdapter[Form], *, before: Callable[[object], bool] = lambda _: False
) -> Form:
    """Return what a sealed file holds, without its seal, as what *form* says it is.

    *before* recognises a file from the time before seals, which is believed as it is.

    Raises:
        Damaged: It isn't JSON, or not what was written, or gone, or has another form.
    """
    content = read(path)
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise changed(path) from None
    if not before(data) and not (isinstance(data, dict) and _holds(content, data)):
        raise changed(path)
    try:
        return form.validate_python(data)
    except ValidationError:
        raise changed(path) from None


def _holds(content: bytes, data: dict[str, object]) -> bool:
    """Take the seal out of *data* and say whether it is that of *content*, which *data* is.

    What :func:`sealed_text` wrote is proved as it lies there; else it is written once more.
    """
    seal = data.pop(SEAL, None)
    end = f',"{SEAL}":"{seal}"}}'.encode()
    as_it_lies = content.endswith(end) and digest(content.removesuffix(end) + b"}") == seal
    return as_it_lies or _seal(data) == seal


def _seal(plain: Mapping[str, object]) -> str:
    return digest(_canonical(plain).encode("ascii"))


def _canonical(plain: Mapping[str, object]) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))
