"""Parquet to rows of text."""

from __future__ import annotations

import io

from sozcontrol.intake.model import Grid
from sozcontrol.intake.rules import FileRejected
from sozcontrol.intake.values import value_text

MAX_UNPACKED = 2**30


def read_parquet(data: bytes) -> Grid:
    """Return header and rows of a Parquet file; the header counts as row 1.

    Raises:
        FileRejected: R-I08 when it is no readable Parquet file of bearable size.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        source = pq.ParquetFile(io.BytesIO(data))
        meta = source.metadata
        size = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
        if size > MAX_UNPACKED:
            raise _rejected("Die Parquet-Datei ist größer, als eine Lieferung sein kann.")
        table = source.read()
    except (pa.ArrowException, OSError):
        raise _rejected("Die Parquet-Datei ist beschädigt.") from None
    columns = [[value_text(v) for v in column.to_pylist()] for column in table.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return Grid([list(table.column_names), *rows], typisiert=True)


def _rejected(meldung: str) -> FileRejected:
    return FileRejected("R-I08", meldung, "Datei neu ausgeben.")
