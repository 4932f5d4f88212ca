"""Markets made of CSV files instead of simulated ones; README.md tells the format."""
