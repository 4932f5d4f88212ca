"""DAGs from declarations, a file a kind of DAG."""
