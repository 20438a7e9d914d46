"""Year-end forecast with its own record: methods, back-test, run-off, drivers, intervals.

The engine: series go in, a value with its span and its record comes out. It knows no city and no
table; the room ``hochrechnung`` brings both. Its line: reihe → methoden → prognose → bestand →
quellen → datei. Nothing is imported here, for a plain file of series shall not wait for scipy.
"""
