"""Stars of gold in databases of others: versions of them as Parquet in gold's zone, and loads of a version."""
