"""Why a text is no YAML, in German, with its line: for people who never heard of scalars."""

from __future__ import annotations

import yaml

_GRUENDE = (
    ("tab character", "ein Tabulator rückt ein; es müssen Leerzeichen sein"),
    ("cannot start any token", "ein Zeichen (Tabulator, @, %, `), das in Anführungszeichen gehört"),
    ("mapping values are not allowed", "ein Doppelpunkt mitten im Text; der Text gehört in '…'"),
    ("quoted scalar", "ein Anführungszeichen ist nicht geschlossen"),
    ("unexpected end of stream", "ein Anführungszeichen oder eine Klammer ist nicht geschlossen"),
    ("alias", "ein Text beginnt mit *; er gehört in Anführungszeichen"),
    ("anchor", "ein Text beginnt mit &; er gehört in Anführungszeichen"),
    ("tag", "ein Text beginnt mit !; er gehört in Anführungszeichen"),
    ("flow", "eine eckige oder geschweifte Klammer ist nicht geschlossen"),
    ("block", "die Einrückung oder ein Anführungszeichen passt nicht zu den Zeilen darüber"),
    ("simple key", "eine Zeile ohne Doppelpunkt, oder die Einrückung passt nicht"),
    ("", "die Zeile ist kein YAML"),
)
"""What PyYAML says, by a part of its words; the first that fits counts."""


class YamlFault(yaml.MarkedYAMLError):
    """A fault that we find ourselves; its ``problem`` is German already."""


def reason(error: Exception) -> str:
    """Return what is wrong, with the line where there is one."""
    if isinstance(error, UnicodeDecodeError):
        return "sie ist nicht in UTF-8 gespeichert"
    if isinstance(error, FileNotFoundError):
        return "es gibt sie nicht"
    if isinstance(error, OSError):
        return (
            f"sie lässt sich nicht öffnen ({type(error).__name__})" if error.errno else str(error)
        )
    if isinstance(error, yaml.MarkedYAMLError):
        return _marked(error)
    if isinstance(error, yaml.reader.ReaderError):
        return "sie enthält Zeichen, die keine Textdatei hat"
    if isinstance(error, OSError | yaml.YAMLError):
        return str(error)  # one of ours, in German
    return "ein Tag oder eine Zahl darin gibt es nicht (zum Beispiel den 31.02.)"


def _marked(error: yaml.MarkedYAMLError) -> str:
    said = f"{error.context or ''} {error.problem or ''}"
    # What is never closed is to be mended where it begins.
    begun = error.context_mark if "quoted" in said or "flow" in said else None
    mark = begun or error.problem_mark or error.context_mark
    where = f"Zeile {mark.line + 1}: " if mark else ""
    own = error.problem if isinstance(error, YamlFault) else None
    return where + (own or next(grund for words, grund in _GRUENDE if words in said))
