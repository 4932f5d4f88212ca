"""report.html: the dashboards over what the demo produced, in one file that needs nothing else."""
