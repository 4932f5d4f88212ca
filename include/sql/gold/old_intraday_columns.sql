-- The columns of old_intraday_names.sql.
  open DOUBLE COMMENT 'Old name of intraday_open, for one release',
  high DOUBLE COMMENT 'Old name of intraday_high, for one release',
  low DOUBLE COMMENT 'Old name of intraday_low, for one release',
  close DOUBLE COMMENT 'Old name of intraday_close, for one release'
