-- What silver holds of each dataset and market day, and how its rows came out of bronze.
CREATE TABLE IF NOT EXISTS {quality}.loads (
  asset_class STRING NOT NULL COMMENT 'Asset class, such as stocks',
  dataset STRING NOT NULL COMMENT 'Dataset of the asset class, such as splits',
  market_date DATE NOT NULL COMMENT 'Market day loaded',
  revisions STRING NOT NULL COMMENT 'Bronze revision read of each shard, as a JSON object',
  sha256 STRING NOT NULL COMMENT 'SHA-256 of the bronze object, or of the digests of all shards, hexadecimal',
  logic STRING NOT NULL COMMENT 'Digest of the declaration and SQL that typed the rows, hexadecimal',
  bronze_rows BIGINT NOT NULL COMMENT 'Rows in bronze; equals silver_rows + duplicates + quarantined',
  silver_rows BIGINT NOT NULL COMMENT 'Rows in silver of the newest answer',
  duplicates BIGINT NOT NULL COMMENT 'Rows left out because another row has their key',
  conflicts BIGINT NOT NULL COMMENT 'Those among duplicates that differ from the row that was kept, rows',
  quarantined BIGINT NOT NULL COMMENT 'Rows in quarantine',
  changed_rows BIGINT COMMENT 'Rows new, changed or gone against the day as it was before this load; NULL for the first load of a day',
  asof TIMESTAMP NOT NULL COMMENT 'When the API answered, by its own clock, UTC; the latest of all shards',
  loaded_at TIMESTAMP NOT NULL COMMENT 'When the load ended, UTC',
  replaces BIGINT COMMENT 'Version of the silver table before the load that is replacing this one; NULL while silver holds this one',
  doubled STRING COMMENT 'First ten of the keys that more than one row has, by the first column of the key; NULL where none has',
  withdrawn BIGINT COMMENT 'Rows in silver beside silver_rows, that earlier answers have and the newest one has not; NULL for loads from before they were kept'
) USING delta
COMMENT 'One row a dataset and market day: the load that silver holds';
