-- What was expected of each dataset and market day, and what was found.
CREATE TABLE IF NOT EXISTS {quality}.results (
  asset_class STRING NOT NULL COMMENT 'Asset class, such as stocks',
  dataset STRING NOT NULL COMMENT 'Dataset of the asset class, such as splits',
  market_date DATE NOT NULL COMMENT 'Market day checked',
  expectation STRING NOT NULL COMMENT 'Name of the expectation',
  severity STRING NOT NULL COMMENT 'critical (stops the run before gold) or warn',
  observed DOUBLE COMMENT 'What was measured, in the unit that the message names',
  threshold STRING COMMENT 'What is allowed, in the same unit',
  passed BOOLEAN NOT NULL COMMENT 'True when the expectation is met',
  message STRING NOT NULL COMMENT 'The result in words, with numbers',
  checked_at TIMESTAMP NOT NULL COMMENT 'When it was checked, UTC',
  sha256 STRING COMMENT 'SHA-256 of the load that was checked, as in loads; NULL where there was none',
  logic STRING COMMENT 'Digest of what typed the rows of that load, as in loads; NULL where there was none',
  judged_by STRING COMMENT 'Digest of the SQL that judged, hexadecimal; NULL for results from before it was noted',
  compared_with STRING COMMENT 'Dataset of the source that this one was reconciled with; NULL for what quality expects of it'
) USING delta
COMMENT 'Latest quality results of every dataset and market day';
