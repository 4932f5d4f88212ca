-- Peg broken: a close outside the band that is declared for its pair (`pegs` of the asset class).
    CASE WHEN close < peg_low OR close > peg_high
      THEN struct('peg_broken' AS reason, close / CASE WHEN close < peg_low THEN peg_low ELSE peg_high END - 1 AS size,
        'close / the nearer end of its band - 1' AS size_means, market_date AS known_on) END
