-- What is expected of a day's bars.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows. Contracts are listed for the
-- chosen underlyings only: bars of other roots are compared with none.
WITH contracts AS (
  SELECT ticker, market_date, underlying, substr(ticker, 3, length(ticker) - 17) AS root
  FROM {silver}.options_contracts
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
),
roots AS (
  SELECT DISTINCT market_date, root, underlying FROM contracts
),
bars AS (
  SELECT *, substr(ticker, 3, length(ticker) - 17) AS root
  FROM {silver}.options_daily_bars
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
),
measured AS (
  SELECT bars.market_date,
    count(*) - count(DISTINCT bars.ticker) AS doubled,
    count_if(least(open, high, low, close) <= 0 OR volume < 0) AS not_positive,
    count_if(high < low) AS crossed,
    count_if(greatest(open, close) > high OR least(open, close) < low) AS outside,
    count_if(concat('20', substr(bars.ticker, -15, 6)) < date_format(bars.market_date, 'yyyyMMdd')) AS expired,
    count_if(CAST(from_utc_timestamp(window_start, 'America/New_York') AS DATE) <> bars.market_date) AS elsewhere,
    count_if(roots.root IS NOT NULL AND contracts.ticker IS NULL) AS unknown
  FROM bars
  LEFT JOIN (SELECT DISTINCT market_date, root FROM roots) roots
    ON roots.market_date = bars.market_date AND roots.root = bars.root
  LEFT JOIN contracts ON contracts.market_date = bars.market_date AND contracts.ticker = bars.ticker
  GROUP BY bars.market_date
),
untraded AS (
  SELECT market_date, count(*) AS underlyings, array_sort(collect_list(underlying)) AS names
  FROM (
    SELECT roots.market_date, roots.underlying
    FROM roots
    LEFT JOIN (SELECT DISTINCT market_date, root FROM bars) traded
      ON traded.market_date = roots.market_date AND traded.root = roots.root
    GROUP BY roots.market_date, roots.underlying
    HAVING count(traded.root) = 0
  )
  GROUP BY market_date
)
SELECT loaded.market_date, stack(11,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than contracts'),
  'prices_positive', 'critical', CAST(coalesce(measured.not_positive, 0) AS DOUBLE), '= 0',
    coalesce(measured.not_positive, 0) = 0,
    concat(coalesce(measured.not_positive, 0), ' rows with a price of 0 or less, or a negative volume'),
  'high_not_below_low', 'critical', CAST(coalesce(measured.crossed, 0) AS DOUBLE), '= 0',
    coalesce(measured.crossed, 0) = 0, concat(coalesce(measured.crossed, 0), ' rows with high below low'),
  'open_close_within', 'warn', CAST(coalesce(measured.outside, 0) AS DOUBLE), '= 0',
    coalesce(measured.outside, 0) = 0,
    concat(coalesce(measured.outside, 0), ' rows with open or close outside low to high'),
  'of_the_day', 'critical', CAST(coalesce(measured.elsewhere / nullif(loaded.silver_rows, 0), 0) AS DOUBLE), '<= 0.01',
    coalesce(measured.elsewhere, 0) <= 0.01 * loaded.silver_rows,
    concat(coalesce(measured.elsewhere, 0), ' of ', loaded.silver_rows, ' bars begin on another day of New York than the market day'),
  'not_expired', 'warn', CAST(coalesce(measured.expired, 0) AS DOUBLE), '= 0',
    coalesce(measured.expired, 0) = 0,
    concat(coalesce(measured.expired, 0), ' bars of contracts that had expired before the market day'),
  'contracts_known', 'warn', CAST(coalesce(measured.unknown, 0) AS DOUBLE), '= 0',
    coalesce(measured.unknown, 0) = 0,
    concat(coalesce(measured.unknown, 0), ' bars of contracts that the reference data of the day does not list, though it lists others of their root'),
  'underlyings_traded', 'warn', CAST(coalesce(untraded.underlyings, 0) AS DOUBLE), '= 0',
    coalesce(untraded.underlyings, 0) = 0,
    concat(coalesce(untraded.underlyings, 0), ' underlyings with contracts of which none traded: ',
      coalesce(array_join(slice(untraded.names, 1, 10), ', '), 'none')),
  'row_count', 'critical', CAST(loaded.silver_rows AS DOUBLE), 'at least 0.4 times the median of the last 20 loaded days, or within 5 rows of it',
    coalesce(loaded.silver_rows >= 0.4 * loaded.recent_rows OR abs(loaded.silver_rows - loaded.recent_rows) <= 5, true),
    concat(loaded.silver_rows, ' rows, recent days have ', coalesce(CAST(loaded.recent_rows AS STRING), 'none')),
  'quarantine_share', 'critical', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.05',
    loaded.quarantined <= 0.05 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine'),
  'after_close', 'critical', (unix_timestamp(loaded.asof) - unix_timestamp(loaded.closed_at)) / CAST(3600 AS DOUBLE), '>= 0 hours',
    loaded.asof >= loaded.closed_at,
    concat('the source answered ', unix_timestamp(loaded.asof) - unix_timestamp(loaded.closed_at), ' seconds after the close; bars from before it are not final')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded
LEFT JOIN measured ON measured.market_date = loaded.market_date
LEFT JOIN untraded ON untraded.market_date = loaded.market_date;
