"""The counting engine: views, primitives, terms, periods and breakdowns."""
