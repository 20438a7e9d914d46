"""Putting pages where readers find them: all or nothing, with a manifest and a journal."""
