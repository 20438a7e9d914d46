"""Where series come from: a plan/actual file, and the days a calendar moves."""
