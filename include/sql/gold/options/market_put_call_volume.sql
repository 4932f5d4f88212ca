-- The same of the whole market: what has no underlying has no row among those that do.
-- Key: market_date
-- NULL: nothing else
CREATE OR REPLACE VIEW {gold}.options_market_put_call_volume (
  market_date COMMENT 'Market day, a New York session date',
  call_volume COMMENT 'Calls traded, contracts',
  put_volume COMMENT 'Puts traded, contracts',
  put_call_volume_ratio COMMENT 'put_volume / call_volume, number; NULL where no call was traded',
  call_turnover COMMENT 'Premium of calls that changed hands at their last prices, USD',
  put_turnover COMMENT 'Premium of puts that changed hands at their last prices, USD',
  put_call_turnover_ratio COMMENT 'put_turnover / call_turnover, number; NULL where no call was traded'
)
COMMENT 'US options: put/call ratios by volume and by turnover of the whole market, one row a market day'
AS SELECT
  market_date,
  sum(call_volume) AS call_volume,
  sum(put_volume) AS put_volume,
  sum(put_volume) / nullif(sum(call_volume), 0) AS put_call_volume_ratio,
  sum(call_turnover) AS call_turnover,
  sum(put_turnover) AS put_turnover,
  sum(put_turnover) / nullif(sum(call_turnover), 0) AS put_call_turnover_ratio
FROM {gold}.options_put_call_volume
GROUP BY market_date;
