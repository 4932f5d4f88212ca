-- The prices of a pair in a day.
  open DOUBLE NOT NULL COMMENT 'First price of the day, units of the quote currency for one of the base currency',
  high DOUBLE NOT NULL COMMENT 'Highest price of the day, units of the quote currency for one of the base currency',
  low DOUBLE NOT NULL COMMENT 'Lowest price of the day, units of the quote currency for one of the base currency',
  close DOUBLE NOT NULL COMMENT 'Last price of the day, units of the quote currency for one of the base currency'
