-- From `found`, judged bars with a reason each, to `told`: a reason once a day; where it is in what the source says now, it has
-- not been corrected, else since the latest answer that took it away. The object is the one that has the strange value.
placed AS (
  SELECT found.*, ROW_NUMBER() OVER (
    PARTITION BY ticker, market_date, strange.reason ORDER BY CASE WHEN corrected_at IS NULL THEN 0 ELSE 1 END, corrected_at DESC) AS at
  FROM found
),
told AS (
  SELECT placed.ticker, placed.market_date, strange.reason AS reason, strange.size AS size, strange.size_means AS size_means, forecast,
    strange.known_on AS known_on,
    CASE WHEN replaced.revisions IS NULL THEN origins.source_uri ELSE regexp_replace(origins.source_uri, '/r[0-9]+[.]',
      concat('/r', lpad(regexp_extract(replaced.revisions, ': ([0-9]+)', 1), 6, '0'), '.')) END AS source_uri,
    corrected_at, security
  FROM placed
  LEFT JOIN origins ON origins.ticker = placed.ticker AND origins.market_date = placed.market_date
  LEFT JOIN replaced ON replaced.market_date = placed.market_date AND replaced.loaded_at = placed.replaced_at
  WHERE at = 1
)
