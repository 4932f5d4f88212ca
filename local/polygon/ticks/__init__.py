"""Trades and quotes of simulated days: the trades are those that make the minute bars."""
