-- What is expected of the balance sheets filed by a day; many days have few.
-- `loaded`: the days to check, with their counts; a row of `measured` a day that has rows.
WITH measured AS (
  SELECT market_date,
    count(*) - count(DISTINCT struct(cik, filing_date, period_end, timeframe)) AS doubled,
    count_if(filing_date > market_date OR filing_date <= date_sub(market_date, 7)) AS elsewhere,
    count_if(period_end > filing_date) AS early,
    count_if(timeframe NOT IN ('quarterly', 'annual')) AS odd_lengths,
    count_if(abs(total_assets - total_liabilities_and_equity) > 0.001 * abs(total_assets) + 1) AS uneven
  FROM {silver}.stocks_balance_sheets
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
  GROUP BY market_date
)
SELECT loaded.market_date, stack(6,
  'keys_unique', 'critical', CAST(coalesce(measured.doubled, 0) AS DOUBLE), '= 0',
    coalesce(measured.doubled, 0) = 0, concat(coalesce(measured.doubled, 0), ' rows more than balance sheets'),
  'filed_by_the_day', 'critical', CAST(coalesce(measured.elsewhere, 0) AS DOUBLE), '= 0',
    coalesce(measured.elsewhere, 0) = 0,
    concat(coalesce(measured.elsewhere, 0), ' rows filed after the market day or more than a week before it'),
  'period_over_when_filed', 'warn', CAST(coalesce(measured.early, 0) AS DOUBLE), '= 0',
    coalesce(measured.early, 0) = 0, concat(coalesce(measured.early, 0), ' rows filed before their period ended'),
  'timeframes_known', 'warn', CAST(coalesce(measured.odd_lengths, 0) AS DOUBLE), '= 0',
    coalesce(measured.odd_lengths, 0) = 0,
    concat(coalesce(measured.odd_lengths, 0), ' rows of another timeframe than quarterly, annual'),
  'sides_balance', 'warn', CAST(coalesce(measured.uneven, 0) AS DOUBLE), '= 0',
    coalesce(measured.uneven, 0) = 0,
    concat(coalesce(measured.uneven, 0), ' rows whose assets are not their liabilities and equity, by more than 0.1 %'),
  'quarantine_share', 'warn', CAST(coalesce(loaded.quarantined / nullif(loaded.bronze_rows, 0), 0) AS DOUBLE), '<= 0.05',
    loaded.quarantined <= 0.05 * loaded.bronze_rows,
    concat(loaded.quarantined, ' of ', loaded.bronze_rows, ' bronze rows are in quarantine')
) AS (expectation, severity, observed, threshold, passed, message)
FROM loaded LEFT JOIN measured ON measured.market_date = loaded.market_date;
