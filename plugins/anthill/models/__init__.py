"""Forecasts of the next day's variance: what is trained, how it is judged, where its versions are, what it says."""
