-- What each load changed of a market day that silver held before.
CREATE TABLE IF NOT EXISTS {quality}.changes (
  asset_class STRING NOT NULL COMMENT 'Asset class, such as stocks',
  dataset STRING NOT NULL COMMENT 'Dataset of the asset class, such as splits',
  market_date DATE NOT NULL COMMENT 'Market day that was loaded again',
  cause STRING NOT NULL COMMENT 'source: it answered otherwise; logic: the declaration or SQL reads the same answer otherwise; repair: silver had not what it was given',
  change STRING NOT NULL COMMENT 'new, changed or gone: what became of the row',
  key STRING COMMENT 'Values of the key of the row, parted by spaces, such as AAPL; NULL where a line sums up more rows than are kept one by one',
  column_name STRING COMMENT 'The column that changed; NULL where the whole row is new or gone',
  old_value STRING COMMENT 'What the column held, as text; of a row that is gone all of it, JSON',
  new_value STRING COMMENT 'What it holds now, as text; of a new row all of it, JSON',
  row_count BIGINT NOT NULL COMMENT 'Rows that the line is about: 1, or more where it sums up',
  revisions STRING NOT NULL COMMENT 'Bronze revision read of each shard by the load that changed it, as a JSON object',
  replaced_load_at TIMESTAMP NOT NULL COMMENT 'When the load before had ended, as loaded_at in earlier_loads, UTC',
  loaded_at TIMESTAMP NOT NULL COMMENT 'When the load ended that changed it, UTC'
) USING delta
COMMENT 'Restatements row by row: one line a row and column that a later load changed; a market day with more than 1,000 such rows is summed up by column';
