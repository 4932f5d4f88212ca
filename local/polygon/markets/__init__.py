"""What all markets share: days, the clock, numbers drawn by address, walks, bars, and tables of rows."""
