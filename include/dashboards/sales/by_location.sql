-- Title: Sales by place of delivery
-- Note: Of the orders as they are now; the 30 cities to which most bags are to go.
-- Kind: table
-- Place: column 1, row 17, 3 wide, 7 high
-- Column: country, Country
-- Column: city, City
-- Column: orders, Orders, number
-- Column: units, Bags, number
-- Empty: There is no order.
SELECT place.country, place.city, count(*) AS orders, sum(sold.units_sold) AS units
FROM gold.totesys_fact_sales_order AS sold
INNER JOIN gold.totesys_dim_location AS place ON place.location_id = sold.agreed_delivery_location_id
WHERE sold.seen_until IS NULL
GROUP BY place.country, place.city
ORDER BY units DESC, place.country, place.city
LIMIT 30
