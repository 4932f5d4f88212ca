-- What it cost to cross the market, by minute of the session: each best bid and offer counts for as long as it stood, until the
-- next one or the close; what stood at the open counts from there. Only quotes whose bid is below their offer have a spread:
-- the time of locked (equal), crossed (bid above offer) and one-sided ones is counted apart.
-- Key: ticker, market_date, bar_start
-- NULL: spreads, middle and depths of a minute in which no quote with a bid below its offer stood
CREATE TABLE IF NOT EXISTS {gold}.stocks_spreads (
  ticker STRING NOT NULL COMMENT 'Exchange symbol, as borne on the day',
  market_date DATE NOT NULL COMMENT 'Market day, a New York session date',
  bar_start TIMESTAMP NOT NULL COMMENT 'Start of the minute, UTC',
  quote_count BIGINT COMMENT 'Quotes that came in the minute and stood for any time, number',
  locked_count BIGINT COMMENT 'Of these with a bid equal to their offer, number',
  crossed_count BIGINT COMMENT 'Of these with a bid above their offer, number',
  quoted_seconds DOUBLE COMMENT 'Time in which a bid below its offer stood, seconds',
  locked_seconds DOUBLE COMMENT 'Time in which a bid equal to its offer stood, seconds',
  crossed_seconds DOUBLE COMMENT 'Time in which a bid above its offer stood, seconds',
  one_sided_seconds DOUBLE COMMENT 'Time in which nobody bid or nobody offered, seconds',
  quoted_spread DOUBLE COMMENT 'Offer less bid, mean over the time quoted, USD a share as traded',
  relative_spread DOUBLE COMMENT 'The same over the middle of both, mean over the time quoted, fraction (0.01 is 1 %)',
  quoted_middle DOUBLE COMMENT 'Middle of bid and offer, mean over the time quoted, USD a share as traded',
  bid_depth DOUBLE COMMENT 'Size of the best bid, mean over the time quoted, round lots',
  ask_depth DOUBLE COMMENT 'Size of the best offer, mean over the time quoted, round lots',
  security STRING COMMENT 'The security, the same under whatever ticker: see stocks_instruments'
) USING delta
COMMENT 'US stocks: time-weighted spread and depth of listed tickers, one row a ticker and minute of the session with a quote';

WITH quotes AS (
  SELECT quotes.ticker, quotes.market_date, quotes.sip_ns,
    coalesce(quotes.bid_price, CAST(0 AS DOUBLE)) AS bid, coalesce(quotes.ask_price, CAST(0 AS DOUBLE)) AS ask,
    quotes.bid_size, quotes.ask_size,
    unix_micros(market_days.opens_at) * 1000 AS opens_ns,
    unix_micros(market_days.closes_at) * 1000 AS closes_ns,
    LEAD(quotes.sip_ns) OVER (PARTITION BY quotes.ticker, quotes.market_date ORDER BY quotes.sip_ns, quotes.sequence_number)
      AS next_ns
  FROM (SELECT * FROM {silver}.stocks_quotes WHERE {days}) quotes
  JOIN market_days ON market_days.market_date = quotes.market_date
),
standing AS (
  SELECT ticker, market_date, sip_ns, bid, ask, bid_size, ask_size,
    greatest(sip_ns, opens_ns) AS since_ns,
    least(coalesce(next_ns, closes_ns), closes_ns) AS until_ns
  FROM quotes
),
by_minute AS (
  SELECT *, explode(sequence(since_ns DIV 60000000000, (until_ns - 1) DIV 60000000000)) AS minute
  FROM standing
  WHERE since_ns < until_ns
),
pieces AS (
  SELECT ticker, market_date, minute, bid, ask, bid_size, ask_size,
    sip_ns >= minute * 60000000000 AS is_new,
    CASE WHEN bid <= 0 OR ask <= 0 THEN 'one-sided' WHEN ask > bid THEN 'quoted' WHEN ask = bid THEN 'locked' ELSE 'crossed' END
      AS state,
    CAST(least(until_ns, (minute + 1) * 60000000000) - greatest(since_ns, minute * 60000000000) AS DOUBLE) / 1e9 AS seconds
  FROM by_minute
),
weighed AS (
  SELECT *, CASE WHEN state = 'quoted' THEN seconds END AS weight FROM pieces
),
minutes AS (
  SELECT ticker, market_date, minute,
    count_if(is_new) AS quote_count,
    count_if(is_new AND state = 'locked') AS locked_count,
    count_if(is_new AND state = 'crossed') AS crossed_count,
    coalesce(sum(weight), CAST(0 AS DOUBLE)) AS quoted_seconds,
    coalesce(sum(CASE WHEN state = 'locked' THEN seconds END), CAST(0 AS DOUBLE)) AS locked_seconds,
    coalesce(sum(CASE WHEN state = 'crossed' THEN seconds END), CAST(0 AS DOUBLE)) AS crossed_seconds,
    coalesce(sum(CASE WHEN state = 'one-sided' THEN seconds END), CAST(0 AS DOUBLE)) AS one_sided_seconds,
    sum((ask - bid) * weight) / sum(weight) AS quoted_spread,
    sum((ask - bid) / nullif((ask + bid) / 2, CAST(0 AS DOUBLE)) * weight) / sum(weight) AS relative_spread,
    sum((ask + bid) / 2 * weight) / sum(weight) AS quoted_middle,
    sum(bid_size * weight) / sum(weight) AS bid_depth,
    sum(ask_size * weight) / sum(weight) AS ask_depth
  FROM weighed
  GROUP BY ticker, market_date, minute
)
SELECT
  minutes.ticker,
  minutes.market_date,
  timestamp_seconds(minutes.minute * 60) AS bar_start,
  minutes.quote_count,
  minutes.locked_count,
  minutes.crossed_count,
  minutes.quoted_seconds,
  minutes.locked_seconds,
  minutes.crossed_seconds,
  minutes.one_sided_seconds,
  minutes.quoted_spread,
  minutes.relative_spread,
  minutes.quoted_middle,
  minutes.bid_depth,
  minutes.ask_depth,
  coalesce(instruments.security, minutes.ticker) AS security
FROM minutes
LEFT JOIN {any_gold}.stocks_instruments instruments ON instruments.ticker = minutes.ticker
  AND minutes.market_date >= instruments.since AND minutes.market_date < instruments.until;
