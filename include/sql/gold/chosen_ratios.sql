-- From `offered` (ticker, market_date, ratio, said, withdrawn, ids, declared), the ratios that the source gave for a day, and `moves` (ticker,
-- market_date, close_before, open, cash), what the price did, to `chosen` (ticker, market_date, ratio, said, doubted):
-- the ratio that counts, 1 where none does. What a holder has at the open is compared with the close before. A ratio is
-- contradicted where another one, or none, comes closer by more than 10 %, and shown by the price where it comes closer than
-- all others by that. The source is believed where it gives one ratio that is not contradicted; else the price decides. What
-- an operator has declared counts in any case.
candidates AS (
  SELECT ticker, market_date, ratio, withdrawn, true AS is_offer FROM offered
  UNION ALL
  SELECT DISTINCT ticker, market_date, CAST(1 AS DOUBLE) AS ratio, true AS withdrawn, false AS is_offer FROM offered
),
measured_ratios AS (
  SELECT candidates.ticker, candidates.market_date, candidates.ratio, candidates.withdrawn, candidates.is_offer,
    CASE WHEN moves.close_before > 0 AND moves.open > 0
      THEN abs(ln((moves.open + moves.cash) * candidates.ratio / moves.close_before)) END AS distance
  FROM candidates
  LEFT JOIN moves ON moves.ticker = candidates.ticker AND moves.market_date = candidates.market_date
),
rival_ratios AS (
  SELECT *, collect_list(struct(ratio, distance)) OVER (PARTITION BY ticker, market_date) AS all_ratios
  FROM measured_ratios
),
compared_ratios AS (
  SELECT *, filter(all_ratios, rival -> rival.ratio <> ratio) AS rivals FROM rival_ratios
),
nearest_ratios AS (
  SELECT *, array_min(transform(rivals, rival -> rival.distance)) AS nearest
  FROM compared_ratios
  WHERE is_offer AND size(rivals) > 0
),
judged_ratios AS (
  SELECT DISTINCT ticker, market_date, ratio, withdrawn,
    coalesce(nearest + 0.1 < distance, false) AS contradicted,
    coalesce(distance + 0.1 < nearest, false) AS shown
  FROM nearest_ratios
),
decided_ratios AS (
  SELECT ticker, market_date, count_if(NOT withdrawn) AS given,
    max(CASE WHEN NOT withdrawn AND NOT contradicted THEN ratio END) AS believed,
    max(CASE WHEN shown THEN ratio END) AS shown
  FROM judged_ratios
  GROUP BY ticker, market_date
),
told_ratios AS (
  SELECT ticker, market_date, count(*) > 1 OR bool_or(withdrawn) OR max(ids) > 1 AS odd,
    max(CASE WHEN declared THEN ratio END) AS declared,
    array_join(array_sort(collect_list(concat(said, CASE WHEN withdrawn THEN ' (withdrawn)'
      WHEN ids > 1 THEN concat(' under ', ids, ' ids') ELSE '' END))), ', ') AS said
  FROM offered
  GROUP BY ticker, market_date
),
chosen AS (
  SELECT told_ratios.ticker, told_ratios.market_date, told_ratios.said,
    coalesce(declared, CASE WHEN given = 1 THEN coalesce(believed, shown) ELSE shown END, CAST(1 AS DOUBLE)) AS ratio,
    declared IS NULL AND (odd OR believed IS NULL) AS doubted
  FROM told_ratios
  LEFT JOIN decided_ratios ON decided_ratios.ticker = told_ratios.ticker AND decided_ratios.market_date = told_ratios.market_date
)
