-- What a dataset costs a day on Databricks, in list prices: the jobs of the platform by day, shared among the datasets
-- that were loaded on it by their rows in bronze. A job is billed by the hour and serves all datasets of a run, so a share
-- is an estimate; the sum over datasets is the bill of these jobs. A day on which nothing was loaded has no dataset.
-- :jobs is a pattern of job names, such as anthill-%, :currency such as USD, :first and :last are days.
WITH priced AS (
  SELECT
    used.usage_date,
    used.usage_quantity * prices.pricing.effective_list.default AS cost
  FROM system.billing.usage used
  INNER JOIN system.billing.list_prices prices
    ON prices.sku_name = used.sku_name AND prices.cloud = used.cloud AND prices.usage_unit = used.usage_unit
    AND prices.currency_code = :currency
    AND used.usage_end_time >= prices.price_start_time
    AND (prices.price_end_time IS NULL OR used.usage_end_time < prices.price_end_time)
  WHERE used.usage_metadata.job_name LIKE :jobs
    AND used.usage_date BETWEEN CAST(:first AS DATE) AND CAST(:last AS DATE)
),
days AS (
  SELECT usage_date, sum(cost) AS cost FROM priced GROUP BY usage_date
),
loaded AS (
  SELECT asset_class, dataset, CAST(loaded_at AS DATE) AS usage_date, sum(bronze_rows) AS row_count
  FROM (
    SELECT asset_class, dataset, loaded_at, bronze_rows FROM quality.loads
    UNION ALL
    SELECT asset_class, dataset, loaded_at, bronze_rows FROM quality.earlier_loads
  ) all_loads
  GROUP BY asset_class, dataset, CAST(loaded_at AS DATE)
),
shares AS (
  SELECT
    asset_class,
    dataset,
    usage_date,
    row_count,
    row_count / sum(row_count) OVER (PARTITION BY usage_date) AS share
  FROM loaded
)
SELECT
  days.usage_date,
  shares.asset_class,
  shares.dataset,
  shares.row_count,
  CASE WHEN shares.dataset IS NULL THEN days.cost ELSE days.cost * shares.share END AS cost
FROM days
LEFT JOIN shares ON shares.usage_date = days.usage_date
ORDER BY days.usage_date, cost DESC, shares.asset_class, shares.dataset;
