-- What gold holds of each of its tables: how fresh every part of it is.
CREATE TABLE IF NOT EXISTS {quality}.published (
  asset_class STRING NOT NULL COMMENT 'Asset class, such as stocks',
  gold_table STRING NOT NULL COMMENT 'Gold table of the asset class, such as daily_prices, or one over all asset classes, such as fact_daily_price',
  market_date DATE NOT NULL COMMENT 'Market day published; for a table that is not kept by day, the latest one it stands on',
  row_count BIGINT COMMENT 'Rows of the market day; of a table that is not kept by day all that it had when the day was the latest one computed, else NULL',
  logic STRING NOT NULL COMMENT 'Digest of the SQL that computed them, hexadecimal',
  computed_at TIMESTAMP NOT NULL COMMENT 'When they were computed, UTC',
  loads STRING COMMENT 'Digest of the loads of the day that they were computed from, and after a + of those that it did not wait for, hexadecimal; NULL for those from before it was noted',
  bearers STRING COMMENT 'Digest of who bore which ticker on the day as they were computed, hexadecimal; NULL where it does not matter'
) USING delta
COMMENT 'One row a gold table and market day: what analysts see, and since when';
