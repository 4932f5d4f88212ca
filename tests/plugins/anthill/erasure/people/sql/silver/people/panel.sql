CREATE TABLE IF NOT EXISTS {silver}.people_panel (
  email STRING NOT NULL COMMENT 'Who said it',
  market_date DATE NOT NULL COMMENT 'Market day asked for',
  member BIGINT COMMENT 'Number of the member',
  says DOUBLE COMMENT 'Mood, number',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'What each of the panel said';

SELECT
  email,
  market_date,
  TRY_CAST(member AS BIGINT) AS member,
  TRY_CAST(says AS DOUBLE) AS says,
{include silver/from_bronze.sql};
