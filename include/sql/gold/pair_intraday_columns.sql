-- The prices of a pair in the minutes of a day.
  intraday_open DOUBLE COMMENT 'First price of the minutes, units of the quote currency for one of the base currency',
  intraday_high DOUBLE COMMENT 'Highest price of the minutes, units of the quote currency for one of the base currency',
  intraday_low DOUBLE COMMENT 'Lowest price of the minutes, units of the quote currency for one of the base currency',
  intraday_close DOUBLE COMMENT 'Last price of the minutes, units of the quote currency for one of the base currency'
