-- Wick: the range from low to high is beyond its median by more than 6 scaled median deviations (of 39 market days), and more than
-- half of it lies on one side of both open and close.
    CASE WHEN wick >= least_move AND wick > 0.5 * log_range AND log_range > usual_range + 6 * 1.4826 * mad_range
      THEN struct('wick' AS reason, exp(wick) - 1 AS size, 'high or low beyond open and close, fraction' AS size_means,
        market_date AS known_on) END
