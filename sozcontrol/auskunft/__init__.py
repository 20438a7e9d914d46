"""Answers on the terminal: Kennzahlen, one explained, a check, a back-test."""
