-- What a series is against its own past and the benchmark, on the close.
  momentum_21d DOUBLE COMMENT 'close / close 21 market days before - 1, fraction (0.01 is 1 %); NULL where it has none on that day',
  momentum_63d DOUBLE COMMENT 'close / close 63 market days before - 1, fraction (0.01 is 1 %); NULL where it has none on that day',
  momentum_252d DOUBLE COMMENT 'close / close 252 market days before - 1, fraction (0.01 is 1 %); NULL where it has none on that day',
  drawdown_252d DOUBLE COMMENT 'close / its highest of 252 market days, this one included, - 1, fraction',
  drawdown_sessions_252d BIGINT COMMENT 'How long ago it was as high, and the last time if more than once, market days; 0 on the day of the high',
  beta_60d DOUBLE COMMENT 'Sample covariance of simple_return with that of the benchmark over 60 market days, this one included, / sample variance of the latter, number',
  beta_250d DOUBLE COMMENT 'Sample covariance of simple_return with that of the benchmark over 250 market days, this one included, / sample variance of the latter, number',
  correlation_60d DOUBLE COMMENT 'Correlation of simple_return with that of the benchmark over 60 market days, this one included, -1 to 1; NULL where one of the two stands still',
  correlation_250d DOUBLE COMMENT 'Correlation of simple_return with that of the benchmark over 250 market days, this one included, -1 to 1; NULL where one of the two stands still',
  benchmark STRING COMMENT 'Ticker that it is compared with; NULL where none is declared'
