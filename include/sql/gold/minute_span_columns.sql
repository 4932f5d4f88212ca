-- Which minutes of a day there are.
  minutes BIGINT COMMENT 'Minutes with a bar, number',
  first_bar_at TIMESTAMP COMMENT 'Start of the first of them, UTC',
  last_bar_at TIMESTAMP COMMENT 'Start of the last of them, UTC'
