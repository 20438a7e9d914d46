"""From answers to a forecast with its record: combination, back-test, intervals, totals."""
