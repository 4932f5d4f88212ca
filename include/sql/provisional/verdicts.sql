-- The verdict of each bar's segment; days that were compared with REST are settled, and no more here.
  true AS provisional,
  heard.came,
  heard.revisions,
  heard.received_at,
  heard.segment,
  CASE WHEN unread.messages IS NULL THEN 'whole'
    ELSE concat(unread.messages, ' of its messages could not be read') END AS verdict
FROM {silver}.{asset_class}_minute_stream heard
LEFT JOIN (
  SELECT source_uri, count(*) AS messages
  FROM {quality}.quarantine
  WHERE asset_class = '{asset_class}' AND dataset = 'minute_stream'
  GROUP BY source_uri
) unread ON unread.source_uri = heard.source_uri
LEFT ANTI JOIN (
  SELECT market_date
  FROM {quality}.results
  WHERE asset_class = '{asset_class}' AND dataset = 'minute_bars' AND compared_with = 'minute_stream'
) settled ON settled.market_date = heard.market_date
