"""ENEM's open files: synthetic editions of any size, and a server of them that is as careless as the real one."""
