-- Of the whole market's bars: `restated`, what was changed of them row by row, `replaced`, the loads before, and `origins`.
restated AS (
  SELECT * FROM {quality}.changes WHERE asset_class = '{asset_class}' AND dataset = 'grouped_daily'
),
replaced AS (
  SELECT market_date, loaded_at, revisions FROM {quality}.earlier_loads
  WHERE asset_class = '{asset_class}' AND dataset = 'grouped_daily' AND {days}
),
origins AS (
  SELECT ticker, market_date, source_uri FROM {silver}.{asset_class}_grouped_daily WHERE {days}
)
