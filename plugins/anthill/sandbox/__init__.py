"""The schema in which people work: what is old there is dropped, a week after its owner was told."""
