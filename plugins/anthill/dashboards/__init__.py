"""Dashboards: widgets as SQL files with a head, and what Databricks makes of them; the local report shows the same."""
