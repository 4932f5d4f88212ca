"""Silver and gold as they were known at a moment: rebuilt from what bronze held then, in schemas of their own."""
