"""What is wrong with an entry, in German, with the line of its file: every fault at once.

The value itself is not repeated: an entry may hold what a delivery holds.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sozcontrol.errors import nearest

Loc = tuple[int | str, ...]
"""Where a fault lies: names and indexes, from the outside in."""

_TEXTE = {
    "missing": "fehlt",
    "string_type": "ist kein Text (Zahlen und ja/nein in Anführungszeichen setzen)",
    "string_too_short": "ist leer oder zu kurz",
    "string_too_long": "ist zu lang",
    "string_pattern_mismatch": "hat nicht die vorgesehene Form",
    "too_short": "ist leer oder zu kurz",
    "too_long": "hat zu viele Einträge",
    "int_type": "ist keine ganze Zahl",
    "int_parsing": "ist keine ganze Zahl",
    "int_from_float": "ist keine ganze Zahl",
    "float_type": "ist keine Zahl",
    "float_parsing": "ist keine Zahl",
    "decimal_type": "ist keine Zahl",
    "decimal_parsing": "ist keine Zahl",
    "decimal_max_places": "hat zu viele Nachkommastellen",
    "decimal_max_digits": "hat zu viele Stellen",
    "decimal_whole_digits": "hat zu viele Stellen",
    "finite_number": "ist keine endliche Zahl",
    "invalid_key": "ist kein Name (Dezimalzahlen mit Punkt schreiben)",
    "bool_type": "ist weder true noch false",
    "bool_parsing": "ist weder true noch false",
    "date_type": "ist kein Datum der Form JJJJ-MM-TT",
    "date_parsing": "ist kein Datum der Form JJJJ-MM-TT",
    "date_from_datetime_parsing": "ist kein Datum der Form JJJJ-MM-TT",
    "date_from_datetime_inexact": "ist kein Datum der Form JJJJ-MM-TT",
    "tuple_type": "ist keine Liste",
    "list_type": "ist keine Liste",
    "set_type": "ist keine Liste",
    "frozen_set_type": "ist keine Liste",
    "dict_type": "ist kein Verzeichnis (Name: Wert)",
    "model_type": "ist kein Verzeichnis (Name: Wert)",
    "model_attributes_type": "ist kein Verzeichnis (Name: Wert)",
    "none_required": "muss leer bleiben",
    "union_tag_not_found": "sagt nicht, welcher Art es ist",
}


def describe(
    error: ValidationError,
    model: type[BaseModel],
    path: Path,
    *,
    ort: Loc = (),
    texte: Mapping[str, str] | None = None,
    auslassen: Sequence[str] = (),
) -> str:
    """Return all faults of *error* in one sentence each, joined by semicolons.

    Args:
        error: What pydantic found in an entry of the YAML (or JSON) file *path*.
        model: What the entry should have been.
        path: The file, read again to find the lines.
        ort: Where in the file the entry stands.
        texte: Words of its own for kinds of faults, by pydantic's name of the kind.
        auslassen: Parts of places that are no part of the file (the kinds of a union).
    """
    words, node = {**_TEXTE, **(texte or {})}, _composed(path)
    found: dict[str, None] = {}
    for fault in error.errors():
        inner = tuple(part for part in fault["loc"] if part not in auslassen)
        line = _line(node, (*ort, *inner)) if node is not None else None
        found[_sentence(fault, inner, line, words, model)] = None
    return "; ".join(found)


def _sentence(
    fault: ErrorDetails, loc: Loc, line: int | None, words: Mapping[str, str],
    model: type[BaseModel],
) -> str:  # fmt: skip
    # An index counts from 0, people from 1.
    name = ".".join(f"{p + 1}" if isinstance(p, int) else p for p in loc) or "Datei"
    place = f"Zeile {line}, {name}" if line else name
    kind, context = fault["type"], fault.get("ctx", {})
    if kind in words:
        return f"{place}: {words[kind]}"
    if kind == "value_error":
        return f"{place}: {str(context['error']).rstrip('.')}"
    if kind == "extra_forbidden":
        return f"{place}: ist unbekannt. {nearest(str(loc[-1]), fields(model, loc))}".rstrip(".")
    if kind in ("literal_error", "union_tag_invalid"):
        known = context.get("expected") or context.get("expected_tags", "")
        return f"{place}: ist unbekannt (bekannt: {known.replace(' or ', ', ')})"
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        return f"{place}: liegt außerhalb der Grenze {next(iter(context.values()))}"
    return f"{place}: ist ungültig ({kind})"


def fields(model: type[BaseModel], loc: Loc) -> list[str]:
    """Return the names that may stand where the last part of *loc* stands."""
    models = [model]
    for part in loc[:-1]:
        inner = [m for at in models if part in at.model_fields for m in _inside(at, str(part))]
        models = inner or models
    return list(dict.fromkeys(name for at in models for name in at.model_fields))


def _inside(model: type[BaseModel], field: str) -> Iterator[type[BaseModel]]:
    """Yield the models that the annotation of *field* names, however deep."""
    waiting: list[object] = [model.model_fields[field].annotation]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind
        waiting += typing.get_args(kind)


def line_of(path: Path, loc: Loc) -> int | None:
    """Return the line of *path* in which the field at *loc* stands; None: it can't be read."""
    node = _composed(path)
    return None if node is None else _line(node, loc)


def _composed(path: Path) -> yaml.Node | None:
    try:
        return yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, ValueError, yaml.YAMLError):
        return None  # no file of its own: the place is named without a line


def _line(node: yaml.Node | None, loc: Sequence[int | str]) -> int:
    """Return the line of the field at *loc*, or of the nearest thing around it."""
    line = 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            pairs = [(k, v) for k, v in node.value if k.value == str(part)]
            if not pairs:
                return line
            line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            if part >= len(node.value):
                return line
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
