-- What an anomaly is: the price that is strange, why, and what came of it.
  ticker STRING NOT NULL COMMENT 'Symbol as the source writes it, as borne on the day',
  market_date DATE NOT NULL COMMENT 'Market day of the strange price, in the calendar of the asset class',
  reason STRING NOT NULL COMMENT 'Why it is strange: comes_back, split_ratio, same_bar, wick, volume_unit, jump, peg_broken or minute_gap; docs/concepts.md has the definitions',
  size DOUBLE COMMENT 'How strange it is, in the unit of size_means, number',
  size_means STRING COMMENT 'What size is, such as close / close before - 1',
  forecast DOUBLE COMMENT 'Standard deviation of a day as expected from the 39 market days before, fraction; NULL where fewer than 20 of them are there',
  known_on DATE NOT NULL COMMENT 'Market day on which it could first be known: that of the price, or the one after for comes_back',
  source_uri STRING COMMENT 'Bronze object that has the strange price, URI',
  corrected_at TIMESTAMP COMMENT 'When silver was loaded with other values that the source gave in which it is gone, UTC; NULL while the source stands by it',
  security STRING NOT NULL COMMENT 'The security, the same under whatever ticker; the ticker where an asset class has no other name'
