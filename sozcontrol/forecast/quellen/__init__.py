"""Where series come from: a plan/actual file, or the ledger and the cases of a delivery."""
