-- Whose statement it is and of which period, typed: the begin of the SELECT of each kind of statement.
SELECT
  cik,
  CASE WHEN tickers LIKE '[%' THEN from_json(tickers, 'ARRAY<STRING>') END AS tickers,
  market_date,
  TRY_CAST(filing_date AS DATE) AS filing_date,
  TRY_CAST(period_end AS DATE) AS period_end,
  timeframe,
  CASE WHEN TRY_CAST(fiscal_year AS DOUBLE) = floor(TRY_CAST(fiscal_year AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(fiscal_year AS DOUBLE) AS INT) END AS fiscal_year,
  CASE WHEN TRY_CAST(fiscal_quarter AS DOUBLE) = floor(TRY_CAST(fiscal_quarter AS DOUBLE))
    THEN TRY_CAST(TRY_CAST(fiscal_quarter AS DOUBLE) AS INT) END AS fiscal_quarter
