"""Is the platform well? Looked at from where the tasks run, with their connections and rights."""
