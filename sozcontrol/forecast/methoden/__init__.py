"""Methods M0–M8: from what is known at an origin to a value, its parts and one sentence."""
