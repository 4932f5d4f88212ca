"""The DAG `models`: it starts the job that trains and forecasts, and tells operators when a simple mean does better."""
