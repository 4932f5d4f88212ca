-- The columns of old_pair_intraday_names.sql.
{include gold/old_intraday_columns.sql},
  volume DOUBLE COMMENT 'Old name of intraday_volume, for one release',
  vwap DOUBLE COMMENT 'Old name of intraday_vwap, for one release'
