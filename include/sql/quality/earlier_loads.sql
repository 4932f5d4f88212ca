-- The loads that silver held before those in loads.
CREATE TABLE IF NOT EXISTS {quality}.earlier_loads (
  asset_class STRING NOT NULL COMMENT 'Asset class, such as stocks',
  dataset STRING NOT NULL COMMENT 'Dataset of the asset class, such as splits',
  market_date DATE NOT NULL COMMENT 'Market day loaded',
  revisions STRING NOT NULL COMMENT 'Bronze revision read of each shard, as a JSON object',
  sha256 STRING NOT NULL COMMENT 'SHA-256 of the bronze object, or of the digests of all shards, hexadecimal',
  logic STRING NOT NULL COMMENT 'Digest of the declaration and SQL that typed the rows, hexadecimal',
  bronze_rows BIGINT NOT NULL COMMENT 'Rows in bronze',
  silver_rows BIGINT NOT NULL COMMENT 'Rows that it put into silver',
  duplicates BIGINT NOT NULL COMMENT 'Rows left out because another row has their key',
  conflicts BIGINT NOT NULL COMMENT 'Those among duplicates that differ from the row that was kept, rows',
  quarantined BIGINT NOT NULL COMMENT 'Rows in quarantine',
  changed_rows BIGINT COMMENT 'Rows new, changed or gone against the load before it; NULL for the first load of a day',
  asof TIMESTAMP NOT NULL COMMENT 'When the API answered, by its own clock, UTC; the latest of all shards',
  loaded_at TIMESTAMP NOT NULL COMMENT 'When the load ended, UTC',
  replaced_at TIMESTAMP NOT NULL COMMENT 'When the load ended that took its place, UTC'
) USING delta
COMMENT 'One row a load that another one has replaced; what the later one changed is in changes';
