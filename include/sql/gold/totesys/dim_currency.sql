-- Currencies with their names, which the database lacks; one that is no code of ISO 4217 is not here, and quality tells it.
-- Key: currency_id
CREATE TABLE IF NOT EXISTS {gold}.totesys_dim_currency (
  currency_id INT NOT NULL COMMENT 'Number of the currency',
  currency_code STRING NOT NULL COMMENT 'Code of the currency, ISO 4217',
  currency_name STRING NOT NULL COMMENT 'English name of the currency, ISO 4217'
) USING delta
COMMENT 'ToteSys: currencies, one row a currency';

SELECT
  currency.currency_id,
  currency.currency_code,
  iso.currency_name
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY currency_id ORDER BY seen_from DESC) AS place FROM {silver}.totesys_currency
) currency
JOIN (
{include gold/currency_names.sql}
) iso ON iso.code = currency.currency_code
WHERE currency.place = 1;
