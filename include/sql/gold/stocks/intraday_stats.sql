-- The regular session and the hours around it, from minute bars. A bar belongs to the session in which it begins, and the
-- one that begins with the close does too: it has the closing auction. The session is that of the calendar, early closes
-- included. Prices are as traded.
-- Key: ticker, market_date
-- NULL: prices of the regular session where no bar of it traded, previous_close where no close is known, and what is computed from either
CREATE TABLE IF NOT EXISTS {gold}.stocks_intraday_stats (
  ticker STRING NOT NULL COMMENT 'Exchange symbol',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  intraday_open DOUBLE COMMENT 'First price of the regular session, USD a share as traded; NULL when no bar of it traded',
  intraday_high DOUBLE COMMENT 'Highest price of the regular session, USD a share as traded',
  intraday_low DOUBLE COMMENT 'Lowest price of the regular session, USD a share as traded',
  intraday_close DOUBLE COMMENT 'Official close, which is that of stocks_daily_prices; where the day has none, the last price of the regular session; USD a share as traded',
  high_at TIMESTAMP COMMENT 'Begin of the first minute that reached intraday_high, UTC',
  low_at TIMESTAMP COMMENT 'Begin of the first minute that reached intraday_low, UTC',
  intraday_vwap DOUBLE COMMENT 'Volume-weighted average price of the regular session and its closing auction, USD a share as traded; a minute without one counts with (high + low + close) / 3',
  regular_volume DOUBLE COMMENT 'Shares traded in the regular session, the minute of the closing auction included',
  pre_market_volume DOUBLE COMMENT 'Shares traded on the day before the regular session',
  after_hours_volume DOUBLE COMMENT 'Shares traded on the day after the minute of the closing auction',
  minutes BIGINT COMMENT 'Minutes of the regular session in which it traded, number; that of the closing auction is not one',
  previous_close DOUBLE COMMENT 'Close of the last of the 20 market days before, USD a share as counted on the day: divided by splits since',
  opening_gap DOUBLE COMMENT 'intraday_open / previous_close - 1, fraction (0.01 is 1 %)',
  realised_volatility_5m DOUBLE COMMENT 'Square root of the sum of squared log returns from 5 minutes to the next in the regular session, fraction a session; NULL below 10 returns',
  realised_volatility_5m_annualised DOUBLE COMMENT 'realised_volatility_5m * sqrt(252), fraction a year of sessions, without the nights between them'
) USING delta
COMMENT 'US stocks: what minute bars tell of a session: average price, opening gap, realised volatility, volume by part of the day';

WITH bars AS (
  SELECT bars.*, market_days.session,
    CASE WHEN bars.window_start < market_days.opens_at THEN 'before'
      WHEN bars.window_start <= market_days.closes_at THEN 'regular' ELSE 'after' END AS part,
    bars.window_start < market_days.closes_at AS is_before_close,
    -- The auction ends the last five minutes, and is no step of its own.
    (unix_timestamp(bars.window_start) - unix_timestamp(market_days.opens_at)
      - CASE WHEN bars.window_start = market_days.closes_at THEN 60 ELSE 0 END) DIV 300 AS five_minutes
  FROM (SELECT * FROM {silver}.stocks_minute_bars WHERE {days}) bars
  JOIN market_days ON market_days.market_date = bars.market_date
),
extremes AS (
  SELECT *,
    max(high) OVER (PARTITION BY ticker, market_date, part) AS highest,
    min(low) OVER (PARTITION BY ticker, market_date, part) AS lowest
  FROM bars
),
steps AS (
  SELECT ticker, market_date, session, part, five_minutes,
    min_by(open, window_start) AS open,
    max(high) AS high,
    min(low) AS low,
    max_by(close, window_start) AS close,
    min(CASE WHEN high = highest THEN window_start END) AS high_at,
    min(CASE WHEN low = lowest THEN window_start END) AS low_at,
    sum(coalesce(vwap, (high + low + close) / 3) * volume) AS turnover,
    sum(volume) AS volume,
    count_if(is_before_close) AS minutes
  FROM extremes
  GROUP BY ticker, market_date, session, part, five_minutes
),
-- The first return is that of the first five minutes, from the open.
moves AS (
  SELECT *,
    ln(close / coalesce(LAG(close) OVER (PARTITION BY ticker, market_date, part ORDER BY five_minutes), open)) AS log_return
  FROM steps
),
parts AS (
  SELECT ticker, market_date, session, part,
    min_by(open, five_minutes) AS open,
    max(high) AS high,
    min(low) AS low,
    max_by(close, five_minutes) AS close,
    min(high_at) AS high_at,
    min(low_at) AS low_at,
    sum(turnover) / nullif(sum(volume), 0) AS vwap,
    sum(volume) AS volume,
    sum(minutes) AS minutes,
    CASE WHEN count(*) >= 10 THEN sqrt(sum(log_return * log_return)) END AS realised_volatility_5m
  FROM moves
  GROUP BY ticker, market_date, session, part
),
sessions AS (
  SELECT ticker, market_date, session,
    max(CASE WHEN part = 'regular' THEN open END) AS open,
    max(CASE WHEN part = 'regular' THEN high END) AS high,
    max(CASE WHEN part = 'regular' THEN low END) AS low,
    max(CASE WHEN part = 'regular' THEN close END) AS close,
    max(CASE WHEN part = 'regular' THEN high_at END) AS high_at,
    max(CASE WHEN part = 'regular' THEN low_at END) AS low_at,
    max(CASE WHEN part = 'regular' THEN vwap END) AS vwap,
    max(CASE WHEN part = 'regular' THEN realised_volatility_5m END) AS realised_volatility_5m,
    coalesce(max(CASE WHEN part = 'regular' THEN volume END), 0) AS regular_volume,
    coalesce(max(CASE WHEN part = 'before' THEN volume END), 0) AS pre_market_volume,
    coalesce(max(CASE WHEN part = 'after' THEN volume END), 0) AS after_hours_volume,
    coalesce(max(CASE WHEN part = 'regular' THEN minutes END), 0) AS minutes
  FROM parts
  GROUP BY ticker, market_date, session
),
closes AS (
  SELECT prices.security, prices.adj_close, market_days.session
  FROM {gold}.stocks_daily_prices prices
  JOIN market_days ON market_days.market_date = prices.market_date
  WHERE prices.market_date BETWEEN {reach} AND {last}
),
borne AS (
  SELECT sessions.ticker, sessions.market_date, sessions.session, coalesce(factors.security, sessions.ticker) AS security,
    coalesce(factors.split_factor, CAST(1 AS DOUBLE)) AS split_factor
  FROM sessions
  LEFT JOIN {gold}.stocks_adjustment_factors factors ON factors.ticker = sessions.ticker
    AND sessions.market_date >= factors.since AND sessions.market_date < factors.until
),
-- The last close of the security in the 20 market days before, at the share count of the day.
compared AS (
  SELECT borne.ticker, borne.market_date, max_by(closes.adj_close, closes.session) * max(borne.split_factor) AS previous_close
  FROM borne
  JOIN closes ON closes.security = borne.security
    AND closes.session >= borne.session - 20 AND closes.session < borne.session
  GROUP BY borne.ticker, borne.market_date
)
SELECT
  sessions.ticker,
  sessions.market_date,
  sessions.open AS intraday_open,
  sessions.high AS intraday_high,
  sessions.low AS intraday_low,
  coalesce(official.close, sessions.close) AS intraday_close,
  sessions.high_at,
  sessions.low_at,
  sessions.vwap AS intraday_vwap,
  sessions.regular_volume,
  sessions.pre_market_volume,
  sessions.after_hours_volume,
  sessions.minutes,
  compared.previous_close,
  sessions.open / compared.previous_close - 1 AS opening_gap,
  sessions.realised_volatility_5m,
  sessions.realised_volatility_5m * sqrt(252) AS realised_volatility_5m_annualised
FROM sessions
LEFT JOIN (SELECT ticker, market_date, close FROM {gold}.stocks_daily_prices WHERE {days}) official
  ON official.ticker = sessions.ticker AND official.market_date = sessions.market_date
LEFT JOIN compared ON compared.ticker = sessions.ticker AND compared.market_date = sessions.market_date;
