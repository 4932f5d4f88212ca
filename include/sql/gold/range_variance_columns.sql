-- What the range of a day's prices says of its volatility.
  overnight_return DOUBLE COMMENT 'Natural logarithm of open / the close before, cash and splits of the day counted, fraction; NULL when none in 20 market days, or when actions of a day between are not known',
  day_return DOUBLE COMMENT 'Natural logarithm of close / the close before, cash and splits of the day counted, fraction',
  session_variance DOUBLE COMMENT 'Garman-Klass: ln(high / low)² / 2 - (2 ln 2 - 1) ln(close / open)², not below 0, squared fraction a day',
  range_variance DOUBLE COMMENT 'overnight_return² + session_variance: the square of how far it moved, squared fraction a day',
  clipped_variance DOUBLE COMMENT 'range_variance, not below 1/20 and not above 20 times its median of the 66 market days before, squared fraction a day; NULL below 10 of them'
