"""The DAGs of streams: what nobody heard is found and asked for, segments are loaded, the day before is settled."""
