-- Minute bars rebuilt from trades against those that the source made of them, which count. Of the session and the minute of its
-- closing auction: around it, all trades are Form T, which moves no price, and the source's bars have prices all the same.
-- A trade moves what all of its conditions let it move; one that nobody knows lets it move everything.
WITH rules AS (
  SELECT condition_id,
    max_by(coalesce(updates_high_low, true), market_date) AS high_low,
    max_by(coalesce(updates_open_close, true), market_date) AS open_close,
    max_by(coalesce(updates_volume, true), market_date) AS volume
  FROM {silver}.stocks_conditions
  WHERE array_contains(data_types, 'trade') AND market_date <= :market_date_to
  GROUP BY condition_id
),
still AS (
  SELECT
    collect_list(CASE WHEN NOT high_low THEN condition_id END) AS high_low,
    collect_list(CASE WHEN NOT open_close THEN condition_id END) AS open_close,
    collect_list(CASE WHEN NOT volume THEN condition_id END) AS volume,
    collect_list(condition_id) AS known
  FROM rules
),
reported AS (
  SELECT trades.ticker, trades.market_date, trades.price, trades.size, trades.sip_ns, trades.sequence_number,
    trades.sip_ns DIV 60000000000 AS minute,
    trades.correction IN (0, 12) AS stands,
    coalesce(trades.conditions, CAST(array() AS ARRAY<INT>)) AS conditions
  FROM {silver}.stocks_trades trades
  JOIN loaded ON loaded.market_date = trades.market_date
  WHERE trades.market_date BETWEEN :market_date_from AND :market_date_to
    AND trades.sip_ns >= unix_micros(loaded.opened_at) * 1000
    AND trades.sip_ns < (unix_micros(loaded.closed_at) + 60000000) * 1000
),
moving AS (
  SELECT reported.*,
    stands AND NOT arrays_overlap(conditions, still.high_low) AS moves_high_low,
    stands AND NOT arrays_overlap(conditions, still.open_close) AS moves_open_close,
    stands AND NOT arrays_overlap(conditions, still.volume) AS moves_volume,
    size(array_except(conditions, still.known)) > 0 AS is_unknown
  FROM reported
  CROSS JOIN still
),
rebuilt AS (
  SELECT ticker, market_date, minute,
    min(CASE WHEN moves_open_close THEN struct(sip_ns, sequence_number, price) END).price AS open,
    max(CASE WHEN moves_high_low THEN price END) AS high,
    min(CASE WHEN moves_high_low THEN price END) AS low,
    max(CASE WHEN moves_open_close THEN struct(sip_ns, sequence_number, price) END).price AS close,
    sum(CASE WHEN moves_volume THEN size END) AS volume,
    sum(CASE WHEN moves_volume THEN size * price END)
      / nullif(sum(CASE WHEN moves_volume THEN size END), CAST(0 AS DOUBLE)) AS vwap,
    count_if(moves_volume) AS trades
  FROM moving
  GROUP BY ticker, market_date, minute
),
listed AS (
  SELECT DISTINCT ticker, market_date FROM rebuilt
),
theirs AS (
  SELECT bars.ticker, bars.market_date, unix_micros(bars.window_start) DIV 60000000 AS minute,
    bars.open, bars.high, bars.low, bars.close, bars.volume, bars.vwap, bars.trades
  FROM {silver}.stocks_minute_bars bars
  JOIN loaded ON loaded.market_date = bars.market_date
  LEFT SEMI JOIN listed ON listed.ticker = bars.ticker AND listed.market_date = bars.market_date
  WHERE bars.market_date BETWEEN :market_date_from AND :market_date_to
    AND bars.window_start >= loaded.opened_at AND bars.window_start <= loaded.closed_at
),
pairs AS (
  SELECT coalesce(ours.market_date, theirs.market_date) AS market_date,
    ours.ticker IS NULL AS only_bars, theirs.ticker IS NULL AS only_trades,
    ours.open = theirs.open AND ours.high <=> theirs.high AND ours.low <=> theirs.low AND ours.close = theirs.close
      AND abs(coalesce(ours.volume, CAST(0 AS DOUBLE)) - theirs.volume) <= 1e-6 * greatest(theirs.volume, CAST(1 AS DOUBLE))
      AND coalesce(abs(ours.vwap - theirs.vwap) <= 1e-4, true)
      AND coalesce(ours.trades = theirs.trades, true) AS same
  FROM (SELECT * FROM rebuilt WHERE open IS NOT NULL) ours
  FULL OUTER JOIN theirs
    ON theirs.ticker = ours.ticker AND theirs.market_date = ours.market_date AND theirs.minute = ours.minute
),
counted AS (
  SELECT market_date,
    count_if(NOT only_bars AND NOT only_trades AND same) AS equal,
    count_if(NOT only_bars AND NOT only_trades AND NOT same) AS differing,
    count_if(only_bars) AS only_bars,
    count_if(only_trades) AS only_trades
  FROM pairs
  GROUP BY market_date
),
told AS (
  SELECT market_date, count_if(NOT stands) AS taken_back, count_if(is_unknown) AS unknown
  FROM moving
  GROUP BY market_date
)
SELECT counted.market_date, stack(6,
  'minutes_equal', :severity, CAST(equal AS DOUBLE), '>= 0', true,
    concat(equal, ' minutes rebuilt from trades are as minute_bars has them'),
  'minutes_rebuilt', :severity, CAST(differing AS DOUBLE), '= 0', differing = 0,
    concat(differing, ' minutes rebuilt from trades are not as minute_bars has them, which count'),
  'minutes_traded', :severity, CAST(only_bars AS DOUBLE), '= 0', only_bars = 0,
    concat(only_bars, ' minutes of minute_bars have no trade'),
  'minutes_barred', :severity, CAST(only_trades AS DOUBLE), '= 0', only_trades = 0,
    concat(only_trades, ' minutes with trades are not in minute_bars'),
  'trades_taken_back', :severity, CAST(taken_back AS DOUBLE), '>= 0', true,
    concat(taken_back, ' reports of trades were taken back, or say so'),
  'conditions_known', :severity, CAST(unknown AS DOUBLE), '= 0', unknown = 0,
    concat(unknown, ' trades have a condition that stocks_conditions does not list')
) AS (expectation, severity, observed, threshold, passed, message)
FROM counted
JOIN told ON told.market_date = counted.market_date;
