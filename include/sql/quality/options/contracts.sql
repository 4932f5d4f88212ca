-- What is expected of a day's contracts.
-- `loaded`: the days to check, with their counts; `asked`: the underlyings asked for; a row of `measured` a day that has
-- rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT ticker) AS doubled,
    count_if(strike <= 0 OR shares_per_contract <= 0) AS not_positive,
    count_if(expiry < market_date) AS expired,
    count_if(type NOT IN ('call', 'put')) AS other,
    count_if(NOT coalesce(substr(ticker, -15) = concat(date_format(expiry, 'yyMMdd'), upper(substr(type, 1, 1)),
      lpad(CAST(CAST(round(strike * 1000) AS BIGINT) AS STRING), 8, '0')), false)) AS contradicted
  FROM {silver}.options_contracts
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
),
without AS (
  SELECT wanted.market_date, count(*) AS underlyings, array_sort(collect_list(wanted.value)) AS names
  FROM (SELECT loaded.market_date, asked.value FROM loaded CROSS JOIN asked) wanted
  LEFT JOIN (
    SELECT DISTINCT market_date, underlying FROM {silver}.options_contracts
    WHERE market_date BETWEEN :market_date_from AND :market_date_to
  ) held ON held.market_date = wanted.market_date AND held.underlying = wanted.value
  WHERE held.underlying IS NULL
  GROUP BY wanted.market_date
)
SELECT loaded.market_date, stack(8,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than contracts'),
  'terms_positive', 'critical', CAST(coalesce(measured.not_positive, 0) AS DOUBLE), '= 0',
    coalesce(measured.not_positive, 0) = 0,
    concat(coalesce(measured.not_positive, 0), ' contracts with a strike or a number of shares of 0 or less'),
  'not_expired', 'warn', CAST(coalesce(measured.expired, 0) AS DOUBLE), '= 0',
    coalesce(measured.expired, 0) = 0,
    concat(coalesce(measured.expired, 0), ' contracts that had expired before the market day'),
  'calls_and_puts', 'warn', CAST(coalesce(measured.other, 0) AS DOUBLE), '= 0',
    coalesce(measured.other, 0) = 0, concat(coalesce(measured.other, 0), ' contracts that are neither calls nor puts'),
  'symbols_agree', 'warn', CAST(coalesce(measured.contradicted, 0) AS DOUBLE), '= 0',
    coalesce(measured.contradicted, 0) = 0,
    concat(coalesce(measured.contradicted, 0), ' contracts whose symbol says another expiry, type or strike'),
  'underlyings_have_contracts', 'warn', CAST(coalesce(without.underlyings, 0) AS DOUBLE), '= 0',
    coalesce(without.underlyings, 0) = 0,
    concat(coalesce(without.underlyings, 0), ' of the underlyings asked for have no contracts: ',
      coalesce(array_join(slice(without.names, 1, 10), ', '), 'none')),
  'row_count', 'critical', CAST(loaded.silver_rows AS DOUBLE), 'at least 0.5 times the median of the last 20 loaded days, or within 5 rows of it',
    coalesce(loaded.silver_rows >= 0.5 * loaded.recent_rows OR abs(loaded.silver_rows - loaded.recent_rows) <= 5, true),
    concat(loaded.silver_rows, ' rows, recent days have ', coalesce(CAST(loaded.recent_rows AS STRING), 'none')),
  'quarantine_share', 'critical', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.05',
    loaded.quarantined <= 0.05 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded
LEFT JOIN measured ON measured.market_date = loaded.market_date
LEFT JOIN without ON without.market_date = loaded.market_date;
