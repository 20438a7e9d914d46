"""Methods M0–M9: from what is known at an origin to a value, its parts and one sentence."""
