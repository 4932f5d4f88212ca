-- What is traded enough to be forecast.
  is_liquid BOOLEAN COMMENT 'True where its close is at least 1 and its turnover at least 1,000,000, both in the currency of its price, and where it has no turnover at all: what losses of forecasts count'
