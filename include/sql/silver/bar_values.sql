-- The numbers of a bar, typed.
  TRY_CAST(open AS DOUBLE) AS open,
  TRY_CAST(high AS DOUBLE) AS high,
  TRY_CAST(low AS DOUBLE) AS low,
  TRY_CAST(close AS DOUBLE) AS close,
  TRY_CAST(volume AS DOUBLE) AS volume,
  TRY_CAST(vwap AS DOUBLE) AS vwap
