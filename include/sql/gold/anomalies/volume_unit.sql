-- Volume unit: a volume more than 20 times its median of 39 market days or less than a 20th of it, more than 7 scaled median
-- deviations away in logarithms, while the price moved by no more than 5 forecast deviations: lots, or thousands, for shares. Told is
-- the day on which it begins: the volume is 10 times, or a tenth, of the one before.
    CASE WHEN abs(log_volume - usual_volume) > ln(20) AND abs(log_volume - usual_volume) > 7 * 1.4826 * mad_volume
        AND coalesce(abs(log_return) <= 5 * forecast, true)
      THEN struct('volume_unit' AS reason, exp(log_volume - usual_volume) AS size, 'volume / its median of 39 market days' AS size_means,
        market_date AS known_on) END
