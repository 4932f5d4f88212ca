"""What came of each attempt, kept beside bronze."""
