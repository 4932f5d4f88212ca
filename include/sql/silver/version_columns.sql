-- From when to when a version of a row was so: columns of a table whose source is read in cuts.
  market_date DATE NOT NULL COMMENT 'UTC day of the cut that saw the version first',
  seen_from TIMESTAMP NOT NULL COMMENT 'Moment of the cut that saw the version first, by the clock of the database, UTC',
  seen_until TIMESTAMP COMMENT 'Moment of the cut that saw it no more, UTC; NULL while the version is so',
