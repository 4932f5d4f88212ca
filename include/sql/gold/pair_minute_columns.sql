-- The prices of a pair in a minute.
  minute_open DOUBLE COMMENT 'First price of the minute, units of the quote currency for one of the base currency',
  minute_high DOUBLE COMMENT 'Highest price of the minute, units of the quote currency for one of the base currency',
  minute_low DOUBLE COMMENT 'Lowest price of the minute, units of the quote currency for one of the base currency',
  minute_close DOUBLE COMMENT 'Last price of the minute, units of the quote currency for one of the base currency'
