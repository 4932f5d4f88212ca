-- Comes back: a close more than 5 forecast deviations away, and not a small move, three quarters of which the next session
-- undoes. It is known when that one is.
    CASE WHEN abs(log_return) >= least_move AND abs(log_return) > 5 * forecast
        AND abs(ln(undone / base)) <= 0.25 * abs(log_return)
      THEN struct('comes_back' AS reason, close / base - 1 AS size, 'close / close before - 1' AS size_means, next_date AS known_on) END
