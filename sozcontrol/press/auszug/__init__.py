"""Papers made of published pages: what is printed there, put together, never computed anew."""
