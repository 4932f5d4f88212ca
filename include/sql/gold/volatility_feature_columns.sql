-- What a model of the next day's variance may know of a day, in the order of time.
  return_1d DOUBLE COMMENT 'Natural logarithm of close / the close before, cash and splits of the day counted, fraction',
  variance_1d DOUBLE COMMENT 'clipped_variance of the day: overnight² and range, squared fraction a day',
  variance_5d DOUBLE COMMENT 'Mean clipped_variance over 5 market days, this one included, squared fraction a day; NULL below 4 of them',
  variance_22d DOUBLE COMMENT 'Mean clipped_variance over 22 market days, this one included, squared fraction a day; NULL below 18 of them',
  variance_252d DOUBLE COMMENT 'Mean clipped_variance over 252 market days, this one included, squared fraction a day; NULL below 22 of them',
  variance_ewma DOUBLE COMMENT 'Mean clipped_variance over 252 market days, each weighed 0.94 times the one after it, squared fraction a day; NULL below 18 in 22 days',
  squared_return_20d DOUBLE COMMENT 'Mean return_1d² over 20 market days, this one included: the forecast to beat, squared fraction a day; NULL below 10 of them',
  days_with_variance BIGINT COMMENT 'Of 252 market days, this one included, those that have a clipped_variance, number',
  known_at TIMESTAMP COMMENT 'When the source gave the newest answer that the row stands on, UTC',
  is_late BOOLEAN COMMENT 'True when known_at is not before the next session began: the row has what a backfill or a restatement brought, and nobody could have known it then'
