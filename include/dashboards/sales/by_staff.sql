-- Title: Sales by staff
-- Note: Of the orders as they are now; the 30 who sold most bags, by number and department: nobody is named.
-- Kind: table
-- Place: column 4, row 10, 3 wide, 7 high
-- Column: staff_id, Number
-- Column: department_name, Department
-- Column: orders, Orders, number
-- Column: units, Bags, number
-- Empty: There is no order.
SELECT CAST(staff.staff_id AS STRING) AS staff_id, staff.department_name, count(*) AS orders, sum(sold.units_sold) AS units
FROM gold.totesys_fact_sales_order AS sold
INNER JOIN gold.totesys_dim_staff AS staff ON staff.staff_id = sold.sales_staff_id
WHERE sold.seen_until IS NULL
GROUP BY staff.staff_id, staff.department_name
ORDER BY units DESC, staff_id
LIMIT 30
