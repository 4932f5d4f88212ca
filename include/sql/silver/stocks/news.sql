-- Articles by the UTC day on which they came out; those of days off belong to the next market day.
CREATE TABLE IF NOT EXISTS {silver}.stocks_news (
  article_id STRING NOT NULL COMMENT 'Identifier of the article at the source',
  market_date DATE NOT NULL COMMENT 'Market day asked for, a New York session date',
  published_at TIMESTAMP NOT NULL COMMENT 'When it was published, UTC',
  title STRING NOT NULL COMMENT 'Headline',
  author STRING COMMENT 'Who wrote it',
  description STRING COMMENT 'Summary',
  article_url STRING COMMENT 'Where to read it, URL',
  amp_url STRING COMMENT 'Page for mobile devices, URL',
  image_url STRING COMMENT 'Image of the article, URL',
  publisher STRING COMMENT 'Name of the publisher',
  publisher_url STRING COMMENT 'Home page of the publisher, URL',
  tickers ARRAY<STRING> COMMENT 'Exchange symbols of the companies that it names',
  keywords ARRAY<STRING> COMMENT 'Keywords given by the publisher',
  insights ARRAY<STRUCT<ticker: STRING, sentiment: STRING, sentiment_reasoning: STRING>> COMMENT 'What the source reads in it for a ticker: positive, neutral or negative, and why',
{include silver/origin_columns.sql}
) USING delta
COMMENT 'US stocks: news articles, one row an article';

SELECT
  article_id,
  market_date,
  TRY_CAST(published_at AS TIMESTAMP) AS published_at,
  title,
  author,
  description,
  article_url,
  amp_url,
  image_url,
  publisher,
  publisher_url,
  CASE WHEN tickers LIKE '[%' THEN from_json(tickers, 'ARRAY<STRING>') END AS tickers,
  CASE WHEN keywords LIKE '[%' THEN from_json(keywords, 'ARRAY<STRING>') END AS keywords,
  CASE WHEN insights LIKE '[%' THEN from_json(insights, 'ARRAY<STRUCT<ticker: STRING, sentiment: STRING, sentiment_reasoning: STRING>>') END AS insights,
{include silver/from_bronze.sql};
