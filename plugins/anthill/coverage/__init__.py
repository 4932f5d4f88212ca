"""Which market days of a dataset are landed, empty, missing or refused: an index beside bronze, and what it says."""
