"""Recorders seen from Airflow, which runs none of them: services of a container cluster, shown, started and stopped."""
