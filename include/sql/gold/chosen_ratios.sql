-- From `announced` (ticker, market_date, ratio, said, withdrawn, ids, declared, applied, cash, close_before, open), a row a
-- ratio that was offered for a day beside what the price did (without `said` where none was), to `chosen` (ticker, market_date, ratio, said, doubted): the ratio that
-- counts, 1 where none does. What a holder has at the open is compared with the close before. A ratio is contradicted where
-- another one, or none, comes closer by more than 10 %, and shown by the price where it comes closer than all others by that.
-- The source is believed where it gives one ratio that is not contradicted; else the price decides, and where it shows none,
-- what the source's own prices are divided by. What an operator has declared counts in any case.
measured_ratios AS (
  SELECT ticker, market_date, ratio, said, withdrawn, ids, declared,
    -- Within 1 %: the source rounds small prices to their last cents.
    coalesce(ratio <> 1 AND abs(ln(applied / ratio)) < 0.01, false) AS applied,
    CASE WHEN close_before > 0 AND open > 0 THEN abs(ln((open + coalesce(cash, 0)) * ratio / close_before)) END AS distance,
    CASE WHEN close_before > 0 AND open > 0 THEN abs(ln((open + coalesce(cash, 0)) / close_before)) END AS distance_of_none
  FROM announced
  WHERE said IS NOT NULL
),
-- No split, a ratio of 1, is a rival of every other one.
rival_ratios AS (
  SELECT *, collect_list(struct(ratio, distance)) OVER (PARTITION BY ticker, market_date) AS offers FROM measured_ratios
),
nearest_ratios AS (
  SELECT *, least(
      array_min(transform(filter(offers, rival -> rival.ratio <> ratio), rival -> rival.distance)),
      CASE WHEN ratio <> 1 THEN distance_of_none END) AS nearest
  FROM rival_ratios
),
-- An offer of 1 that nothing can be compared with is not believed: it is no split.
judged_ratios AS (
  SELECT *, coalesce(nearest + 0.1 < distance, ratio = 1) AS contradicted,
    coalesce(distance + 0.1 < nearest, false) AS shown
  FROM nearest_ratios
),
decided_ratios AS (
  SELECT ticker, market_date,
    max(CASE WHEN declared THEN ratio END) AS declared_ratio,
    count_if(NOT withdrawn) AS given,
    max(CASE WHEN NOT withdrawn AND NOT contradicted THEN ratio END) AS believed_ratio,
    max(CASE WHEN shown THEN ratio END) AS shown_ratio,
    max(CASE WHEN applied THEN ratio END) AS applied_ratio,
    count(*) > 1 OR bool_or(withdrawn) OR max(ids) > 1 AS odd,
    array_join(array_sort(collect_list(concat(said, CASE WHEN withdrawn THEN ' (withdrawn)'
      WHEN ids > 1 THEN concat(' under ', ids, ' ids') ELSE '' END))), ', ') AS said
  FROM judged_ratios
  GROUP BY ticker, market_date
),
chosen AS (
  SELECT ticker, market_date, said,
    coalesce(declared_ratio, CASE WHEN given = 1 THEN believed_ratio END, shown_ratio, applied_ratio, CAST(1 AS DOUBLE)) AS ratio,
    declared_ratio IS NULL AND (odd OR believed_ratio IS NULL) AS doubted
  FROM decided_ratios
)
