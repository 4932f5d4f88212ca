-- The prices of a pair in a minute.
  open DOUBLE NOT NULL COMMENT 'First price of the minute, units of the quote currency for one of the base currency',
  high DOUBLE NOT NULL COMMENT 'Highest price of the minute, units of the quote currency for one of the base currency',
  low DOUBLE NOT NULL COMMENT 'Lowest price of the minute, units of the quote currency for one of the base currency',
  close DOUBLE NOT NULL COMMENT 'Last price of the minute, units of the quote currency for one of the base currency'
