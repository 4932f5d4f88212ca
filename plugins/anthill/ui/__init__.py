"""What Airflow's UI shows of this package beside its own pages."""
