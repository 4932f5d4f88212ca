-- Indices that the source refuses: they are in quarantine, with what it says about them.
SELECT DISTINCT market_date, 'none_refused' AS expectation,
  concat(get_json_object(row, '$.ticker'), ' (', get_json_object(row, '$.error'), ')') AS finding
FROM {quality}.quarantine
WHERE asset_class = 'indices' AND dataset = 'snapshot' AND get_json_object(row, '$.error') IS NOT NULL
  AND market_date BETWEEN :market_date_from AND :market_date_to;
