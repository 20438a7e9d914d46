"""Great Expectations, kept small: one ephemeral context, one suite a batch, booleans only."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sozcontrol.checks.klassen import loaded, muted
from sozcontrol.checks.regel import Erwartung
from sozcontrol.checks.spaeter import loaded_when_asked
from sozcontrol.errors import CatalogueError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from great_expectations.core import ExpectationSuite
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

_TAG = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Urteil:
    """What Great Expectations says of one expectation; ``auswertbar`` is False on an exception.

    ``je_zeile`` tells whether it holds or fails row by row; others judge a column or a table.
    """

    erwartung: Erwartung
    erfuellt: bool
    auswertbar: bool = True
    je_zeile: bool = False


class Pruefer:
    """Runs suites on frames in memory; use :func:`pruefer`."""

    def __init__(self) -> None:
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        with warnings.catch_warnings(), loaded_when_asked("altair", "scipy.stats"):
            # Its import uses modules Python has deprecated; that is no news about our data.
            warnings.simplefilter("ignore")
            import great_expectations as gx
            from great_expectations.data_context.types.base import ProgressBarsConfig
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = ProgressBarsConfig(globally=False)
        asset = self._context.data_sources.add_pandas("lieferung").add_dataframe_asset("tabelle")
        # One definition for all tables: each new one would rewrite the context's configuration.
        self._batches = asset.add_batch_definition_whole_dataframe("ganz")

    def judge(
        self, name: str, table: pa.Table, erwartungen: Iterable[Erwartung], path: Path
    ) -> list[Urteil]:
        """Return one verdict for each expectation, in their order.

        Raises:
            CatalogueError: The suite names an expectation Great Expectations does not know, or a
                class of the city's own that may not run.
        """
        chosen = list(erwartungen)
        with loaded({e.type for e in chosen}, path.parent) as own:
            verdicts = self._together(name, table, [e for e in chosen if e.type not in own], path)
            for one in (e for e in chosen if e.type in own):
                verdicts.append(self._apart(name, table, one, path))
        place = {id(e): i for i, e in enumerate(chosen)}
        return sorted(verdicts, key=lambda v: place[id(v.erwartung)])

    def _apart(self, name: str, table: pa.Table, item: Erwartung, path: Path) -> Urteil:
        """Ask a class of the city's own: whatever it says besides may quote cells."""
        try:
            with muted():
                (verdict,) = self._together(name, table, [item], path)
        except CatalogueError:
            raise
        except (Exception, SystemExit):
            return Urteil(item, erfuellt=False, auswertbar=False)
        return verdict

    def _together(
        self, name: str, table: pa.Table, chosen: list[Erwartung], path: Path
    ) -> list[Urteil]:
        """Return the verdicts of one suite; any format but ``BOOLEAN_ONLY`` carries values."""
        suite = self.suite(name, chosen, path, _day_columns(table))
        frame = to_frame(table, chosen)
        with _without_waste():
            batch = self._batches.get_batch(batch_parameters={"dataframe": frame})
            result = batch.validate(suite, result_format="BOOLEAN_ONLY")
        by_number = {_number(r.expectation_config): r for r in result.results}
        return [
            Urteil(
                e,
                bool(by_number[i].success),
                not _raised(by_number[i].exception_info),
                _judges_rows(e),
            )
            for i, e in enumerate(chosen)
        ]

    def suite(
        self,
        name: str,
        erwartungen: list[Erwartung],
        path: Path,
        tage: frozenset[str] = frozenset(),
    ) -> ExpectationSuite:
        """Build the suite, and prove that nothing of it was left out; *tage* are columns of days.

        Great Expectations logs and skips what it does not know: a misspelt type would only make
        the suite silently shorter.
        """
        from great_expectations.core import ExpectationSuite

        built = [
            _expectation(i, e, _moments(e, tage, path), path) for i, e in enumerate(erwartungen)
        ]
        suite = ExpectationSuite(name=name, expectations=built)
        if len(suite.expectations) != len(built):
            loaded = {_number(e) for e in suite.expectations}
            lost = sorted({e.meta.regel for i, e in enumerate(erwartungen) if i not in loaded})
            raise _incomplete(path, f"Nicht übernommen wurden Erwartungen zu {', '.join(lost)}.")
        return suite


@cache
def pruefer() -> Pruefer:
    """Return the one Pruefer of this process: the import of Great Expectations takes seconds."""
    return Pruefer()


@contextmanager
def _without_waste() -> Iterator[None]:
    """Write the settings of an expectation out once, and take no fingerprint of the frame.

    Great Expectations asks for the settings some seventy times while it judges one expectation, and
    writes them out anew each time; and it hashes every cell, twice, for a mark nobody reads. Both
    together take longer than judging does.
    """
    from great_expectations.execution_engine import pandas_execution_engine as engine
    from great_expectations.expectations.expectation import Expectation

    write: Any = Expectation.configuration
    fingerprint = engine.hash_pandas_dataframe
    known: dict[int, tuple[Expectation, ExpectationConfiguration]] = {}

    def configuration(self: Expectation) -> ExpectationConfiguration:
        if id(self) not in known:  # kept with its owner, so that no other has its number meanwhile
            known[id(self)] = self, write.fget(self)
        return known[id(self)][1]

    Expectation.configuration = property(configuration)  # type: ignore[method-assign, assignment]
    engine.hash_pandas_dataframe = lambda frame: ""
    try:
        yield
    finally:
        Expectation.configuration = write  # type: ignore[method-assign]
        engine.hash_pandas_dataframe = fingerprint


def _expectation(
    number: int, item: Erwartung, moments: Mapping[str, object], path: Path
) -> Expectation:
    """Build one expectation; its number leads from the result back to our entry."""
    from great_expectations.exceptions import ExpectationNotFoundError
    from great_expectations.expectations.registry import get_expectation_impl

    try:
        kind = get_expectation_impl(item.type)
        own = {"severity": item.severity, "meta": {"nr": number}}
        given: dict[str, Any] = {**item.kwargs, **moments, **own}
        return kind(**given)
    except ExpectationNotFoundError:
        raise _incomplete(path, f"Der Typ »{item.type}« ist unbekannt.") from None
    except ValueError:
        arguments = ", ".join(item.kwargs)
        detail = f"Regel {item.meta.regel} ({item.type}) nimmt diese Argumente nicht: {arguments}."
        raise _incomplete(path, detail) from None


def _day_columns(table: pa.Table) -> frozenset[str]:
    import pyarrow as pa

    return frozenset(field.name for field in table.schema if pa.types.is_date(field.type))


def _moments(item: Erwartung, tage: frozenset[str], path: Path) -> dict[str, object]:
    """Return arguments that are days as their first moment, which is what :func:`to_frame` holds.

    Great Expectations compares no day with a moment. A file names the day alone: so a bound agrees
    with the days of our Parquet, too. A set of anything but days would hold for no day at all.
    """
    given = ((k, item.kwargs.get(k)) for k in ("min_value", "max_value"))
    found: dict[str, object] = {
        k: f"{v}T00:00:00" for k, v in given if isinstance(v, str) and _TAG.fullmatch(v)
    }
    days = [name in tage for name in item.spalten]
    try:
        if any(days) and isinstance(single := item.kwargs.get("value_set"), list):
            found["value_set"] = [_moment(v) for v in single]
        if any(days) and isinstance(pairs := item.kwargs.get("value_pairs_set"), list):
            found["value_pairs_set"] = [_pair(pair, days) for pair in pairs]
    except (TypeError, ValueError):
        detail = f"Regel {item.meta.regel} ({item.type}) nennt anderes als Tage (JJJJ-MM-TT)."
        raise _incomplete(path, detail) from None
    return found


def _pair(pair: Iterable[object], days: list[bool]) -> tuple[object, ...]:
    return tuple(_moment(v) if day else v for v, day in zip(pair, days, strict=True))


def _moment(value: object) -> datetime:
    if not isinstance(value, str) or not _TAG.fullmatch(value):
        raise TypeError
    return datetime.fromisoformat(value)


def _judges_rows(item: Erwartung) -> bool:
    from great_expectations.expectations import expectation
    from great_expectations.expectations.registry import get_expectation_impl

    by_row = (
        expectation.ColumnMapExpectation,
        expectation.ColumnPairMapExpectation,
        expectation.MulticolumnMapExpectation,
    )
    return issubclass(get_expectation_impl(item.type), by_row)


def _number(item: Expectation | ExpectationConfiguration | None) -> object:
    return (item.meta or {})["nr"] if item is not None else None


def _incomplete(path: Path, detail: str) -> CatalogueError:
    return CatalogueError(
        f"Die Suite wird von Great Expectations nicht ganz übernommen: {detail}",
        wo=str(path),
        tun="Schreibweise von type und kwargs prüfen; eine eigene Klasse steht in klassen.yml.",
    )


def _raised(info: Mapping[str, object]) -> bool:
    """Tell whether evaluating raised: the flag, or one entry a metric, each with its own flag."""
    nested = [v for v in info.values() if isinstance(v, dict)]
    return bool(info.get("raised_exception")) or any(v.get("raised_exception") for v in nested)


def to_frame(table: pa.Table, erwartungen: Iterable[Erwartung]) -> pd.DataFrame:
    """Return the columns the suite looks at as pandas; the rest stays away but for its name.

    Money becomes float here: a comparison with a bound, never a sum.
    """
    import pyarrow as pa

    read = {c for e in erwartungen for c in e.spalten}
    columns: dict[str, pa.ChunkedArray] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if name not in read:
            column = pa.nulls(len(table), pa.float16())  # two bytes a row in pandas
        elif pa.types.is_decimal(column.type):
            column = column.cast(pa.float64())
        columns[name] = column
    return pa.table(columns).to_pandas(date_as_object=False)
