-- Jump against the forecast: a close more than 15 forecast deviations away, and twice what is small, that is not the way back
-- from the jump before it.
    CASE WHEN abs(log_return) >= 2 * least_move AND abs(log_return) > 15 * forecast
        AND coalesce(abs(log_return + previous_return) > 0.25 * abs(log_return), true)
      THEN struct('jump' AS reason, log_return / forecast AS size, 'log return / forecast deviation' AS size_means,
        market_date AS known_on) END
