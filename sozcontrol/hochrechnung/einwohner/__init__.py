"""The city's people by Sozialraum and age: counted, carried forward, and how good that was."""
