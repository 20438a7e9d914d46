"""Which month is missing or thin: each held against the same month of other years, in SQL.

A month is measured by the median month of its year (the twelve that end with the reporting month),
so growth does not matter, and held against the same month of the other years, so the season does
not. How far it may fall follows from the series itself: where little is booked, a month may be thin
by nature.

``reihen`` names a query with the columns ``reihe`` (any type), ``monat`` (first day), ``gebucht``
and ``betrag``. One row a series and month comes back: what was found and what was expected;
whether it is ``unvollstaendig`` (number and sum are thin, or nothing is where there always was
something) or at least ``auffaellig`` (one of the two is thin).
"""

from __future__ import annotations

DUENN = 0.7
"""A month below this part of what is expected is thin, as half a month is …"""

ABSTAND = 4
"""… if it is also this many standard deviations below. Of simulated towns with 1 to 60 bookings a
month that come by chance, less than one in five hundred had a month called ``unvollstaendig``."""

JAHRE_MIT_EIGENER_STREUUNG = 4
"""Other years it takes to tell chance from season; with fewer, the season counts as chance."""

GANZES_JAHR = 0.75
"""A year with less than this part of the usual amount is no measure: the data begin in it. Up to
three months missing in another year do not hide one: the scatter is the seventh of ten."""

NIE_LEER = 5
"""Where no month of other years had fewer rows than this, a month without any is missing."""

RUECKBLICK = 8
"""Years to look back."""

MAKRO = f"""
monate_im_vergleich(reihen, stichtag, datenstand) AS TABLE
WITH ende AS (
  SELECT (date_trunc('month', stichtag + INTERVAL 1 DAY) - INTERVAL 1 MONTH)::DATE AS monat),
roh AS (
  SELECT r.reihe, r.monat, r.gebucht, r.betrag::DOUBLE AS betrag,
         date_diff('month', r.monat, ende.monat) // 12 AS block
  FROM query_table(reihen) r, ende
  WHERE r.monat <= ende.monat AND date_diff('month', r.monat, ende.monat) < 12 * {RUECKBLICK}),
-- As known then: of an earlier year, what was booked at the same day of that year.
gezaehlt AS (
  SELECT reihe, monat, count(*) AS anzahl, sum(betrag) AS summe
  FROM roh WHERE gebucht <= datenstand - to_years(block::INTEGER) GROUP BY ALL),
monate AS (
  SELECT m::DATE AS monat, date_diff('month', m::DATE, ende.monat) // 12 AS block
  FROM ende, (SELECT date_trunc('month', min(gebucht)) AS monat FROM roh) anfang,
       range(least(anfang.monat, date_trunc('year', ende.monat))::TIMESTAMP,
             ende.monat::TIMESTAMP + INTERVAL 1 MONTH, INTERVAL 1 MONTH) t(m)),
alle AS (
  SELECT r.reihe, m.monat, m.block, coalesce(g.anzahl, 0)::DOUBLE AS anzahl,
         coalesce(g.summe, 0)::DOUBLE AS summe
  FROM (SELECT DISTINCT reihe FROM roh) r CROSS JOIN monate m
  LEFT JOIN gezaehlt g ON g.reihe = r.reihe AND g.monat = m.monat),
lang AS (UNPIVOT alle ON anzahl, summe INTO NAME mass VALUE wert),
bloecke AS (
  SELECT reihe, mass, block, median(nullif(wert, 0)) AS mitte, sum(wert) AS gesamt,
         count(*) = 12 AS ganz, min(wert) AS kleinster
  FROM lang GROUP BY ALL),
brauchbar AS (
  SELECT * FROM bloecke WHERE ganz
  QUALIFY gesamt >= {GANZES_JAHR} * median(nullif(gesamt, 0)) OVER (PARTITION BY reihe, mass)),
anteile AS (
  SELECT l.reihe, l.mass, l.block, l.monat, l.wert, b.mitte, l.wert / b.mitte AS anteil
  FROM lang l JOIN bloecke b USING (reihe, mass, block)),
andere AS (
  SELECT a.reihe, a.mass, a.block, a.monat, median(v.anteil) AS erwartet,
         var_samp(v.anteil) AS streuung, count(v.anteil) AS jahre
  FROM anteile a JOIN brauchbar b ON b.reihe = a.reihe AND b.mass = a.mass AND b.block <> a.block
  JOIN anteile v ON v.reihe = a.reihe AND v.mass = a.mass AND v.block = b.block
    AND month(v.monat) = month(a.monat)
  GROUP BY ALL),
breite AS (
  SELECT reihe, mass, block,
         CASE WHEN max(jahre) < {JAHRE_MIT_EIGENER_STREUUNG}
              THEN stddev_samp(erwartet) * sqrt(max(jahre))
              ELSE sqrt(quantile_cont(streuung, 0.7)) END AS breite
  FROM andere GROUP BY ALL),
urteil AS (
  SELECT a.*, o.erwartet * a.mitte AS soll,
         coalesce(a.anteil, 0) < {DUENN} * o.erwartet
         AND coalesce(a.anteil, 0) < o.erwartet - {ABSTAND} * b.breite * sqrt(1 + 1.0 / o.jahre)
         AS duenn,
         (SELECT min(x.kleinster) FROM brauchbar x
          WHERE x.reihe = a.reihe AND x.mass = a.mass AND x.block <> a.block) AS frueher_mindestens,
         min(nullif(a.wert, 0)) OVER eigene >= 2 * {NIE_LEER}
         AND 2 * count_if(a.wert = 0) OVER eigene < count(*) OVER eigene AS stetig
  FROM anteile a LEFT JOIN andere o USING (reihe, mass, block, monat)
  LEFT JOIN breite b USING (reihe, mass, block)
  WINDOW eigene AS (PARTITION BY a.reihe, a.mass, a.block)),
-- Without another year a month is missing if most months of its own have twice as many at least.
fehlend AS (
  SELECT reihe, monat, wert = 0 AND coalesce(frueher_mindestens >= {NIE_LEER}, stetig) AS fehlt
  FROM urteil WHERE mass = 'anzahl')
SELECT reihe, monat,
       max(wert) FILTER (mass = 'anzahl')::BIGINT AS anzahl,
       round(max(soll) FILTER (mass = 'anzahl'))::BIGINT AS anzahl_erwartet,
       round(max(wert) FILTER (mass = 'summe'), 2) AS summe_eur,
       round(max(soll) FILTER (mass = 'summe'), 2) AS summe_erwartet_eur,
       fehlt OR bool_and(coalesce(duenn, false)) AS unvollstaendig,
       fehlt OR bool_or(coalesce(duenn, false)) AS auffaellig
FROM urteil JOIN fehlend USING (reihe, monat) GROUP BY reihe, monat, fehlt
"""  # noqa: S608 - the numbers above, no input
