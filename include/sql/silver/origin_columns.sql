-- Where a row of silver comes from: the last columns of its table.
  revision INT NOT NULL COMMENT 'Bronze revision that the row was read from, counted from 1',
  asof TIMESTAMP NOT NULL COMMENT 'When the API answered, by its own clock, UTC',
  source_uri STRING NOT NULL COMMENT 'Bronze object that the row was read from, URI'
