-- Returns, turnover and volatility of stocks over whatever days, tickers and kinds are asked for, as a metric view of
-- Databricks: SELECT market_month, MEASURE(total_return) FROM gold.stocks_metrics WHERE ticker = 'AAPL' GROUP BY market_month.
-- No engine here knows metric views: docs/how-to/metric-views.md says how it is made. {catalog} is the environment's.
CREATE OR REPLACE VIEW {catalog}.gold.stocks_metrics
WITH METRICS
LANGUAGE YAML
AS $$
version: 1.1
comment: "US stocks: returns, turnover and volatility over the days and securities asked for"
source: "{catalog}.gold.stocks_daily_returns"
joins:
  - name: prices
    source: "{catalog}.gold.stocks_daily_prices"
    using: [ticker, market_date]
dimensions:
  - name: market_date
    expr: source.market_date
    comment: Market day, a New York session date
  - name: market_month
    expr: date_trunc('MONTH', source.market_date)
    comment: First day of the month of the market day
  - name: ticker
    expr: source.ticker
    comment: Exchange symbol, as borne on the day
  - name: security
    expr: source.security
    comment: The security, the same under whatever ticker
  - name: type
    expr: prices.type
    comment: "Kind of security in a word: share, fund, warrant and others"
measures:
  - name: securities
    expr: count(DISTINCT source.security)
    comment: Securities with a price, number
  - name: turnover
    expr: sum(prices.close * prices.volume)
    comment: Sum of close * volume, USD
  - name: median_return
    expr: median(source.total_return)
    comment: Median of the total returns of a day, fraction
  # The returns of two securities make none together: these two are of one.
  - name: total_return
    expr: CASE WHEN count(DISTINCT source.security) = 1 THEN exp(sum(ln(1 + source.total_return))) - 1 END
    comment: Total returns one after the other, fraction; NULL of several securities
  - name: volatility_annualised
    expr: >-
      CASE WHEN count(DISTINCT source.security) = 1 AND count(source.total_return) >= 10
      THEN stddev_samp(ln(1 + source.total_return)) * sqrt(252) END
    comment: Sample standard deviation of ln(1 + total return) * sqrt(252), fraction a year; NULL of several securities and below 10 returns
$$;
