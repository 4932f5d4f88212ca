-- Same bar: the third session in a row, or a later one, with the very same open, high, low, close and volume, though the price
-- moved within it. A price that stood still all day is no such thing.
    CASE WHEN days_alike >= 3 AND high > low
      THEN struct('same_bar' AS reason, CAST(least(days_alike, 40) AS DOUBLE) AS size,
        'sessions with this bar, up to 40' AS size_means, market_date AS known_on) END
