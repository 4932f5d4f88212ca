-- From `coded` (type_code and others) to `worded`: with `word`, what a security is by the source's code of its ticker type, NULL
-- where a code has no word here. What is entitled to shares, stands before them or bundles them is named apart from them.
worded AS (
  SELECT *,
    CASE
      WHEN type_code IN ('CS', 'OS', 'NYRS') THEN 'share'
      WHEN type_code IN ('ADRC', 'GDR') THEN 'depositary_receipt'
      WHEN type_code IN ('PFD', 'ADRP') THEN 'preferred'
      WHEN type_code IN ('ETF', 'ETS', 'ETV', 'FUND') THEN 'fund'
      WHEN type_code = 'ETN' THEN 'note'
      WHEN type_code IN ('WARRANT', 'ADRW') THEN 'warrant'
      WHEN type_code IN ('RIGHT', 'ADRR') THEN 'right'
      WHEN type_code = 'UNIT' THEN 'unit'
      WHEN type_code IN ('BOND', 'AGEN', 'EQLK') THEN 'bond'
      WHEN type_code = 'SP' THEN 'structured_product'
      WHEN type_code = 'BASKET' THEN 'basket'
      WHEN type_code = 'LT' THEN 'liquidating_trust'
      WHEN type_code IN ('INDEX', 'IX') THEN 'index'
      WHEN type_code = 'OTHER' THEN 'other'
    END AS word
  FROM coded
)
