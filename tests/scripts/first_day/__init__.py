"""One walk for all of its tests: a fixture of a package ends with it."""
