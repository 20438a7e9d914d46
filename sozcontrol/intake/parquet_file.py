"""Parquet to rows of text."""

from __future__ import annotations

import io

from sozcontrol.intake.model import Grid
from sozcontrol.intake.rules import FileRejected, faults_of_the_file
from sozcontrol.intake.umfang import demand_room
from sozcontrol.intake.values import value_text

MAX_UNPACKED = 2**30
TUN = "Datei neu ausgeben."


def read_parquet(data: bytes) -> Grid:
    """Return header and rows of a Parquet file; the header counts as row 1.

    Raises:
        FileRejected: R-I08 when it is no readable Parquet file of bearable size.
    """
    import pyarrow.parquet as pq

    with faults_of_the_file("Die Parquet-Datei ist beschädigt", TUN):
        source = pq.ParquetFile(io.BytesIO(data))
        meta = source.metadata
        size = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
        if size > MAX_UNPACKED:
            raise FileRejected(
                "R-I08", "Die Parquet-Datei ist größer, als eine Lieferung sein kann.", TUN
            )
        # A value a million times over is stored once.
        demand_room(meta.num_rows, meta.num_rows * meta.num_columns, size)
        table = source.read()
        names, columns = table.column_names, [column.to_pylist() for column in table.columns]
    rows = [[value_text(value) for value in row] for row in zip(*columns, strict=True)]
    return Grid([list(names), *rows], typisiert=True)
