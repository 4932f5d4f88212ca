-- Rows that bronze has and silver cannot take.
CREATE TABLE IF NOT EXISTS {quality}.quarantine (
  asset_class STRING NOT NULL COMMENT 'Asset class, such as stocks',
  dataset STRING NOT NULL COMMENT 'Dataset of the asset class, such as splits',
  market_date DATE NOT NULL COMMENT 'Market day that the row was landed for',
  revision INT NOT NULL COMMENT 'Bronze revision that the row was read from, counted from 1',
  source_uri STRING NOT NULL COMMENT 'Bronze object that the row was read from, URI',
  row STRING COMMENT 'The row as the API gave it, JSON',
  reason STRING NOT NULL COMMENT 'Why silver cannot take it: column and value of every fault',
  loaded_at TIMESTAMP NOT NULL COMMENT 'When the load ended, UTC',
  key STRING COMMENT 'Values of the key of the row as the source gave them, parted by spaces, such as AAPL; NULL where none can be read'
) USING delta
COMMENT 'Rows that could not be typed, with their reason; replaced with each load of their dataset and market day';
