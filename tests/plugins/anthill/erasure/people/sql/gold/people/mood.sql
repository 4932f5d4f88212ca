-- Key: market_date
-- NULL: nothing
CREATE TABLE IF NOT EXISTS {gold}.people_mood (
  market_date DATE NOT NULL COMMENT 'Market day',
  says DOUBLE COMMENT 'Mean mood, number'
) USING delta
COMMENT 'What all of them said';

SELECT market_date, avg(says) AS says FROM {gold}.people_answers WHERE {days} GROUP BY market_date;
