-- What is expected of a day's chains.
-- `loaded`: the days to check, with their counts; `asked`: the underlyings asked for; a row of `measured` a day that has
-- rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT ticker) AS doubled,
    count_if(strike <= 0 OR underlying_price <= 0 OR open_interest < 0 OR implied_volatility < 0 OR bid < 0) AS negative,
    count_if((type = 'call' AND delta NOT BETWEEN 0 AND 1) OR (type = 'put' AND delta NOT BETWEEN -1 AND 0)
      OR gamma < 0 OR vega < 0) AS bent,
    count_if(bid > ask) AS crossed,
    count_if(expiry < market_date) AS expired,
    avg(CASE WHEN expiry > market_date THEN CASE WHEN implied_volatility > 0 THEN 1.0 ELSE 0.0 END END) AS explained,
    avg(CASE WHEN underlying_price > 0 THEN 1.0 ELSE 0.0 END) AS priced
  FROM {silver}.options_chain_snapshot
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
),
without AS (
  SELECT wanted.market_date, count(*) AS underlyings, array_sort(collect_list(wanted.value)) AS names
  FROM (SELECT loaded.market_date, asked.value FROM loaded CROSS JOIN asked) wanted
  LEFT JOIN (
    SELECT DISTINCT market_date, underlying FROM {silver}.options_chain_snapshot
    WHERE market_date BETWEEN :market_date_from AND :market_date_to
  ) held ON held.market_date = wanted.market_date AND held.underlying = wanted.value
  WHERE held.underlying IS NULL
  GROUP BY wanted.market_date
)
SELECT loaded.market_date, stack(11,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than contracts'),
  'nothing_negative', 'critical', CAST(coalesce(measured.negative, 0) AS DOUBLE), '= 0',
    coalesce(measured.negative, 0) = 0,
    concat(coalesce(measured.negative, 0), ' rows with a strike or underlying price of 0 or less, or a negative open interest, volatility or bid'),
  'greeks_possible', 'warn', CAST(coalesce(measured.bent, 0) AS DOUBLE), '= 0',
    coalesce(measured.bent, 0) = 0,
    concat(coalesce(measured.bent, 0), ' rows with a delta outside 0 to 1 (calls) or -1 to 0 (puts), or a negative gamma or vega'),
  'bid_not_above_ask', 'warn', CAST(coalesce(measured.crossed, 0) AS DOUBLE), '= 0',
    coalesce(measured.crossed, 0) = 0, concat(coalesce(measured.crossed, 0), ' rows with a bid above the ask'),
  'not_expired', 'warn', CAST(coalesce(measured.expired, 0) AS DOUBLE), '= 0',
    coalesce(measured.expired, 0) = 0,
    concat(coalesce(measured.expired, 0), ' contracts that had expired before the market day'),
  'volatility_known', 'warn', CAST(measured.explained AS DOUBLE), '>= 0.5',
    coalesce(measured.explained >= 0.5, true),
    concat(coalesce(CAST(round(100 * measured.explained, 1) AS STRING), 'no'), ' % of the contracts that expire after the market day have an implied volatility'),
  'underlying_priced', 'warn', CAST(measured.priced AS DOUBLE), '>= 0.99',
    coalesce(measured.priced >= 0.99, true),
    concat(coalesce(CAST(round(100 * measured.priced, 1) AS STRING), 'no'), ' % of the rows have the price of the underlying, which comes with a plan for stocks'),
  'underlyings_have_chains', 'warn', CAST(coalesce(without.underlyings, 0) AS DOUBLE), '= 0',
    coalesce(without.underlyings, 0) = 0,
    concat(coalesce(without.underlyings, 0), ' of the underlyings asked for have no chain: ',
      coalesce(array_join(slice(without.names, 1, 10), ', '), 'none')),
  'row_count', 'critical', CAST(loaded.silver_rows AS DOUBLE), 'at least 0.5 times the median of the last 20 loaded days, or within 5 rows of it',
    coalesce(loaded.silver_rows >= 0.5 * loaded.recent_rows OR abs(loaded.silver_rows - loaded.recent_rows) <= 5, true),
    concat(loaded.silver_rows, ' rows, recent days have ', coalesce(CAST(loaded.recent_rows AS STRING), 'none')),
  'quarantine_share', 'critical', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.05',
    loaded.quarantined <= 0.05 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine'),
  'after_close', 'critical', (unix_timestamp(loaded.asof) - unix_timestamp(loaded.closed_at)) / CAST(3600 AS DOUBLE), '>= 0 hours',
    loaded.asof >= loaded.closed_at,
    concat('the API answered ', unix_timestamp(loaded.asof) - unix_timestamp(loaded.closed_at), ' seconds after the close; an answer before it is not final')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded
LEFT JOIN measured ON measured.market_date = loaded.market_date
LEFT JOIN without ON without.market_date = loaded.market_date;
