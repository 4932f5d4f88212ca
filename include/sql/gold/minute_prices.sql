-- The prices of a minute, under the names that gold has for them.
  ticker,
  market_date,
  bar_start,
  open AS minute_open,
  high AS minute_high,
  low AS minute_low,
  close AS minute_close
