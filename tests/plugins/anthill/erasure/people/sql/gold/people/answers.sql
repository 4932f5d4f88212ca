-- Key: email, market_date
-- NULL: nothing
CREATE TABLE IF NOT EXISTS {gold}.people_answers (
  email STRING NOT NULL COMMENT 'Who said it',
  market_date DATE NOT NULL COMMENT 'Market day',
  says DOUBLE COMMENT 'Mood, number'
) USING delta
COMMENT 'What each said';

SELECT email, market_date, says FROM {silver}.people_panel WHERE {days};
