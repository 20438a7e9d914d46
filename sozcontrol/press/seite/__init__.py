"""A page: executed notebooks to HTML, cleaned, with its head, its quality page and its index."""
