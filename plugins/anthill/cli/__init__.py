"""The command line `anthill`: what the coverage page shows and does, for a terminal and for scripts."""
