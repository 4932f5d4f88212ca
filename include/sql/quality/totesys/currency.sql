-- What the pass over the rows does not find: codes that the list of names lacks.
SELECT
  held.market_date,
  'currencies_known' AS expectation,
  held.currency_code AS finding
FROM {silver}.totesys_currency held
LEFT JOIN (
{include gold/currency_names.sql}
) iso ON iso.code = held.currency_code
WHERE held.market_date BETWEEN :market_date_from AND :market_date_to AND iso.code IS NULL;
