-- Title: News
-- Kind: table
-- Place: column 3, row 29, 4 wide, 6 high
-- Chosen: ticker
-- Column: published_at, Published (UTC)
-- Column: title, Title
-- Column: publisher, Publisher
-- Column: sentiment, Sentiment
-- Empty: No news about it is in gold.
SELECT ticker, published_at, title, publisher, sentiment
FROM gold.stocks_news
ORDER BY published_at DESC
