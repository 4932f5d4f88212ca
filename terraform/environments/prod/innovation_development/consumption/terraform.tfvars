# Told by `describe detail` once the pipeline has made the tables.
table_paths   = []
scan_limit_gb = 50
result_days   = 30
