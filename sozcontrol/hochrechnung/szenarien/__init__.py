"""Scenarios: dated files, their effect, and the tables that show them."""
