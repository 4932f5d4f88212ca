"""The kinds of sources, a folder each."""
