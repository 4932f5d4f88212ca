-- The same of the rows that a cut gives: which of them are new, the load finds out.
  market_date,
  asof AS seen_from,
  CAST(NULL AS TIMESTAMP) AS seen_until,
