-- What intraday columns of pairs were called, for one release.
{include gold/old_intraday_names.sql},
  intraday_volume AS volume,
  intraday_vwap AS vwap
