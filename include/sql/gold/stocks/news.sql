-- Articles by the tickers that they name.
-- Key: ticker, article_id
-- NULL: what the source did not give
CREATE TABLE IF NOT EXISTS {gold}.stocks_news (
  ticker STRING NOT NULL COMMENT 'Exchange symbol of a company that the article names',
  market_date DATE NOT NULL COMMENT 'Market day that it belongs to: it came out on the day or on days off before it, by UTC days',
  published_at TIMESTAMP NOT NULL COMMENT 'When it was published, UTC',
  article_id STRING NOT NULL COMMENT 'Identifier of the article at the source; an article has a row for each ticker',
  title STRING COMMENT 'Headline',
  publisher STRING COMMENT 'Name of the publisher',
  article_url STRING COMMENT 'Where to read it, URL',
  sentiment STRING COMMENT 'What the source reads in it for the ticker: positive, neutral or negative; NULL where it says nothing',
  sentiment_reasoning STRING COMMENT 'Why, in words'
) USING delta
COMMENT 'US stocks: news, one row an article and ticker that it names';

WITH named AS (
  SELECT DISTINCT article_id, market_date, explode(tickers) AS ticker
  FROM {silver}.stocks_news
  WHERE {days}
)
SELECT
  named.ticker,
  named.market_date,
  news.published_at,
  named.article_id,
  news.title,
  news.publisher,
  news.article_url,
  get(filter(news.insights, insight -> insight.ticker = named.ticker), 0).sentiment AS sentiment,
  get(filter(news.insights, insight -> insight.ticker = named.ticker), 0).sentiment_reasoning AS sentiment_reasoning
FROM named
JOIN (SELECT * FROM {silver}.stocks_news WHERE {days}) news
  ON news.market_date = named.market_date AND news.article_id = named.article_id
WHERE named.ticker IS NOT NULL;
