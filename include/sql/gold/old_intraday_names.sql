-- What intraday columns were called, for one release.
  intraday_open AS open,
  intraday_high AS high,
  intraday_low AS low,
  intraday_close AS close
