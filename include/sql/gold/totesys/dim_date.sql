-- The days of the star, under its names. A view over gold.dim_date, which has every day since 2003.
-- Key: date_id (elsewhere created_date)
-- NULL: nowhere
CREATE OR REPLACE VIEW {gold}.totesys_dim_date (
  date_id COMMENT 'Calendar day',
  year COMMENT 'Calendar year',
  month COMMENT 'Month of the year, 1 to 12',
  day COMMENT 'Day of the month, 1 to 31',
  day_of_week COMMENT 'ISO day of the week, 1 is Monday, 7 is Sunday',
  day_name COMMENT 'English name of the day of the week',
  month_name COMMENT 'English name of the month',
  quarter COMMENT 'Quarter of the year, 1 to 4'
)
COMMENT 'ToteSys: calendar days, one row a day'
AS SELECT
  date AS date_id,
  year,
  month,
  day_of_month AS day,
  day_of_week,
  day_name,
  month_name,
  quarter
FROM {gold}.dim_date;
