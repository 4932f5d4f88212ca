-- What the champion said of the next market day, of every security with features, and why it said nothing.
-- Key: asset_class, ticker, market_date
-- NULL: where reason says why
-- From: gold.volatility_features
CREATE TABLE IF NOT EXISTS {gold}.volatility_forecasts (
  asset_class STRING NOT NULL COMMENT 'Asset class, such as stocks',
  ticker STRING NOT NULL COMMENT 'Symbol, as borne on the market day',
  market_date DATE NOT NULL COMMENT 'Market day on whose evening the forecast is made, from what is known then',
  forecast_date DATE COMMENT 'Market day that it is about: the next one of the calendar',
  variance DOUBLE COMMENT 'Forecast of clipped_variance of that day, squared fraction a day',
  variance_low DOUBLE COMMENT 'Lower end of the interval in which 8 of 10 days were in the walk-forward, squared fraction a day',
  variance_high DOUBLE COMMENT 'Upper end of that interval, squared fraction a day',
  volatility DOUBLE COMMENT 'Square root of variance, fraction a day',
  volatility_annualised DOUBLE COMMENT 'volatility * sqrt(market days of a year: 252, forex 313, crypto 365), fraction a year',
  mean_variance_20d DOUBLE COMMENT 'Mean squared return of 20 days: the forecast to beat, squared fraction a day',
  is_liquid BOOLEAN COMMENT 'True where the losses count it: close of at least 1 and turnover of at least 1 million, where there is turnover',
  model_version STRING COMMENT 'Version of the registered model volatility that made it',
  reason STRING COMMENT 'Why there is no forecast; NULL where there is one',
  made_at TIMESTAMP NOT NULL COMMENT 'When it was made, UTC'
) USING delta
COMMENT 'Forecasts of the next market day: variance, interval and model version, one row an asset class, ticker and market day';
