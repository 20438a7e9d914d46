"""Stocks by area and age carried forward by cohort, and how good that was."""
