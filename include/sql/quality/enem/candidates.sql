-- Codes that the dictionary of the edition lacks, each once.
SELECT DISTINCT held.market_date, 'codes_known' AS expectation, concat(held.variable, ' ', held.code) AS finding
FROM (
  SELECT market_date, stack(4, 'TP_SEXO', sex, 'TP_COR_RACA', race, 'TP_ESCOLA', school_kind, 'TP_DEPENDENCIA_ADM_ESC', school_dependency) AS (variable, code)
  FROM {silver}.enem_candidates
  WHERE market_date BETWEEN :market_date_from AND :market_date_to
) held
LEFT JOIN {silver}.enem_dictionary dictionary ON dictionary.market_date = held.market_date
  AND dictionary.variable = held.variable AND dictionary.code = held.code
WHERE held.code IS NOT NULL AND dictionary.code IS NULL;
