-- Ratio of a split: the price moved by the ratio of a split or of a reverse one, to within two forecast deviations and 5 %, far
-- beyond what was expected, and no corporate action says so: prices are adjusted for those that are known.
    CASE WHEN abs(log_return) > 8 * forecast AND exists(
        array(1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100),
        ratio -> abs(abs(log_return) - ln(CAST(ratio AS DOUBLE))) <= least(2 * forecast, CAST(0.05 AS DOUBLE)))
      THEN struct('split_ratio' AS reason, base / close AS size, 'close before / close' AS size_means, market_date AS known_on) END
