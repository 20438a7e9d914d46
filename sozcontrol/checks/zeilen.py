"""Which rows offend: each expectation's twin in SQL.

Great Expectations reports failing rows unevenly (multi-column expectations hardly at all) and only
together with the offending values. So it gives the verdict, and the rows are found here.
"""

from __future__ import annotations

from collections.abc import Callable

from sozcontrol.checks.regel import Erwartung

Argumente = dict[str, object]


def offending_rows(table: str, erwartung: Erwartung) -> str | None:
    """Return SQL that selects the rows of *table* that fail *erwartung*; None without a twin."""
    twin = _ZWILLINGE.get(erwartung.type)
    return f"SELECT * FROM {_name(table)} {twin(erwartung.kwargs)}" if twin else None  # noqa: S608


def _name(identifier: object) -> str:
    return '"' + str(identifier).replace('"', '""') + '"'


def _literal(value: object) -> str:
    if isinstance(value, bool | int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _list(value: object) -> list[object]:
    return [*value] if isinstance(value, list | tuple) else [value]


def _not_null(k: Argumente) -> str:
    return f"WHERE {_name(k['column'])} IS NULL"


def _in_set(k: Argumente) -> str:
    return f"WHERE {_name(k['column'])} NOT IN ({', '.join(map(_literal, _list(k['value_set'])))})"


def _regex(k: Argumente) -> str:
    # The one difference to Python: here $ does not also match before a final line feed.
    return f"WHERE NOT regexp_matches({_name(k['column'])}, {_literal(k['regex'])})"


def _between(k: Argumente) -> str:
    column, parts = _name(k["column"]), []
    if k.get("min_value") is not None:
        sign = "<=" if k.get("strict_min") else "<"
        parts.append(f"{column} {sign} {_literal(k['min_value'])}")
    if k.get("max_value") is not None:
        sign = ">=" if k.get("strict_max") else ">"
        parts.append(f"{column} {sign} {_literal(k['max_value'])}")
    return f"WHERE {' OR '.join(parts)}"


def _pair(k: Argumente) -> str:
    sign = ">=" if k.get("or_equal") else ">"
    return f"WHERE NOT ({_name(k['column_A'])} {sign} {_name(k['column_B'])})"


def _unique(k: Argumente) -> str:
    column = _name(k["column"])
    return f"WHERE {column} IS NOT NULL QUALIFY count(*) OVER (PARTITION BY {column}) > 1"


def _compound_unique(k: Argumente) -> str:
    names = [_name(c) for c in _list(k["column_list"])]
    # Great Expectations leaves out rows in which all of the columns are empty.
    empty = " AND ".join(f"{n} IS NULL" for n in names)
    return f"WHERE NOT ({empty}) QUALIFY count(*) OVER (PARTITION BY {', '.join(names)}) > 1"


_ZWILLINGE: dict[str, Callable[[Argumente], str]] = {
    "expect_column_values_to_not_be_null": _not_null,
    "expect_column_values_to_be_in_set": _in_set,
    "expect_column_values_to_match_regex": _regex,
    "expect_column_values_to_be_between": _between,
    "expect_column_pair_values_a_to_be_greater_than_b": _pair,
    "expect_column_values_to_be_unique": _unique,
    "expect_compound_columns_to_be_unique": _compound_unique,
}
