-- Title: What the jobs cost
-- Note: List prices of the platform's jobs, not those of the contract.
-- Kind: bar
-- Place: column 1, row 34, 6 wide, 6 high
-- Across: usage_date, Day
-- Up: cost, Cost, USD
-- Colour: job, Job
-- Empty: No job of the platform was billed.
SELECT used.usage_date, used.usage_metadata.job_name AS job, sum(used.usage_quantity * prices.pricing.effective_list.default) AS cost
FROM system.billing.usage AS used
INNER JOIN system.billing.list_prices AS prices
  ON prices.sku_name = used.sku_name AND prices.cloud = used.cloud AND prices.usage_unit = used.usage_unit AND prices.currency_code = 'USD'
  AND used.usage_end_time >= prices.price_start_time AND (prices.price_end_time IS NULL OR used.usage_end_time < prices.price_end_time)
WHERE used.usage_metadata.job_name LIKE 'anthill-%'
GROUP BY used.usage_date, used.usage_metadata.job_name
ORDER BY used.usage_date, job
