-- Which listing continues which: one security under another ticker, or again under its own. What joins them is, in this
-- order, the composite FIGI, the source's ticker events, the share class FIGI, and the CIK; FIGIs that differ keep apart what the others would join.
-- Key: ticker, valid_from
CREATE TABLE IF NOT EXISTS {gold}.stocks_successions (
  ticker STRING NOT NULL COMMENT 'Exchange symbol of the listing that continues another',
  valid_from DATE NOT NULL COMMENT 'First market day of the listing that continues another',
  ticker_before STRING NOT NULL COMMENT 'Exchange symbol of the listing that it continues',
  before_from DATE NOT NULL COMMENT 'First market day of the listing that it continues',
  joined_by STRING NOT NULL COMMENT 'What joins the two: composite_figi, ticker_events, share_class_figi or cik'
) USING delta
COMMENT 'US stocks: listings that continue an earlier one of the same security';

WITH listings AS (
  SELECT *,
    ROW_NUMBER() OVER (PARTITION BY coalesce(composite_figi, concat(ticker, valid_from)) ORDER BY valid_from, ticker) AS turn,
    ROW_NUMBER() OVER (
      PARTITION BY coalesce(composite_figi, concat(ticker, valid_from)) ORDER BY valid_from DESC, ticker DESC) AS turn_from_end
  FROM {gold}.stocks_listings
),
by_figi AS (
  SELECT later.ticker, later.valid_from, first.ticker AS ticker_before, first.valid_from AS before_from,
    'composite_figi' AS joined_by, 1 AS place, 0 AS distance
  FROM listings later
  JOIN listings first ON first.composite_figi = later.composite_figi
  WHERE first.turn = 1 AND later.turn > 1
),
-- Of a security without a FIGI each answer is taken, of others the latest.
told AS (
  SELECT composite_figi, transform(events, event -> struct(TRY_CAST(event.date AS DATE) AS date, event.ticker_change.ticker AS ticker)) AS events
  FROM (
    SELECT composite_figi, events, ROW_NUMBER() OVER (
      PARTITION BY composite_figi, CASE WHEN composite_figi IS NULL THEN to_json(struct(events)) END
      ORDER BY market_date DESC) AS age
    FROM {any_silver}.stocks_ticker_events
  ) answers
  WHERE age = 1
),
changes AS (
  SELECT each.composite_figi, each.change.ticker, each.change.date,
    LAG(each.change.ticker) OVER (PARTITION BY each.teller ORDER BY each.change.date) AS ticker_before
  FROM (
    SELECT composite_figi, teller, explode(events) AS change
    FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY composite_figi) AS teller FROM told) numbered
  ) each
),
-- A list may be some days ahead of a change, or behind it.
by_event AS (
  SELECT later.ticker, later.valid_from, earlier.ticker AS ticker_before, earlier.valid_from AS before_from,
    'ticker_events' AS joined_by, 2 AS place, later.first_number - earlier.last_number AS distance
  FROM changes
  JOIN listings later ON later.ticker = changes.ticker
    AND changes.date BETWEEN date_sub(later.valid_from, 10) AND later.last_seen
  JOIN listings earlier ON earlier.ticker = changes.ticker_before AND earlier.valid_from < changes.date
    AND changes.date BETWEEN date_add(earlier.valid_from, 1) AND date_add(earlier.last_seen, 10)
  WHERE earlier.valid_from < later.valid_from AND earlier.ticker <> later.ticker
    AND later.turn = 1 AND earlier.turn_from_end = 1
    AND (earlier.composite_figi IS NULL OR later.composite_figi IS NULL)
    AND coalesce(changes.composite_figi = coalesce(earlier.composite_figi, later.composite_figi), true)
),
by_class AS (
  SELECT later.ticker, later.valid_from, earlier.ticker AS ticker_before, earlier.valid_from AS before_from,
    'share_class_figi' AS joined_by, 3 AS place, later.first_number - earlier.last_number AS distance
  FROM listings later
  JOIN listings earlier ON earlier.share_class_figi = later.share_class_figi
  WHERE earlier.last_number < later.first_number AND later.turn = 1 AND earlier.turn_from_end = 1
    AND (earlier.composite_figi IS NULL OR later.composite_figi IS NULL)
),
-- A company's number tells its security only while one of its tickers is listed.
alone AS (
  SELECT one.ticker, one.valid_from,
    count_if(one.first_number BETWEEN other.first_number AND other.last_number) = 1 AS at_first,
    count_if(one.last_number BETWEEN other.first_number AND other.last_number) = 1 AS at_last
  FROM listings one
  JOIN listings other ON other.cik = one.cik
  GROUP BY one.ticker, one.valid_from
),
by_cik AS (
  SELECT later.ticker, later.valid_from, earlier.ticker AS ticker_before, earlier.valid_from AS before_from,
    'cik' AS joined_by, 4 AS place, later.first_number - earlier.last_number AS distance
  FROM listings later
  JOIN alone beginning ON beginning.ticker = later.ticker AND beginning.valid_from = later.valid_from AND beginning.at_first
  JOIN listings earlier ON earlier.cik = later.cik
  JOIN alone ending ON ending.ticker = earlier.ticker AND ending.valid_from = earlier.valid_from AND ending.at_last
  WHERE earlier.last_number < later.first_number AND later.turn = 1 AND earlier.turn_from_end = 1
    AND (earlier.composite_figi IS NULL OR later.composite_figi IS NULL)
    AND coalesce(earlier.share_class_figi = later.share_class_figi, true)
),
joined AS (
  SELECT * FROM by_figi UNION ALL SELECT * FROM by_event UNION ALL SELECT * FROM by_class UNION ALL SELECT * FROM by_cik
),
-- One listing continues one other, and is continued by one.
first_choice AS (
  SELECT *, ROW_NUMBER() OVER (
    PARTITION BY ticker, valid_from ORDER BY place, distance, before_from DESC, ticker_before) AS choice
  FROM joined
),
nearest AS (
  SELECT *, CASE WHEN place = 1 THEN 1 ELSE ROW_NUMBER() OVER (
    PARTITION BY ticker_before, before_from, place = 1 ORDER BY place, distance, ticker) END AS turn
  FROM first_choice
  WHERE choice = 1
)
SELECT ticker, valid_from, ticker_before, before_from, joined_by FROM nearest WHERE turn = 1;
