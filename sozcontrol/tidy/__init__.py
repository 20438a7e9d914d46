"""Text to types: canonical tables with pseudonyms, and a protocol of every row."""

from sozcontrol.tidy.pseudonym import KEY_VARIABLE, Pseudonymiser, key_path, load_key
from sozcontrol.tidy.schema import arrow_schema, arrow_type
from sozcontrol.tidy.tables import Tidied, to_tables

__all__ = [
    "KEY_VARIABLE", "Pseudonymiser", "Tidied", "arrow_schema", "arrow_type", "key_path",
    "load_key", "to_tables",
]  # fmt: skip
