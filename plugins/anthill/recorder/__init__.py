"""A stream recorded: frames as they come, on the disk within a second, in bronze by segments."""
