-- Who works there and where, by the last that is known of each: who has left stays, for what was sold by them.
-- Key: staff_id (elsewhere sales_staff_id)
-- NULL: location where the department has none
CREATE TABLE IF NOT EXISTS {gold}.totesys_dim_staff (
  staff_id INT NOT NULL COMMENT 'Number of the member of staff',
  first_name STRING NOT NULL COMMENT 'First name',
  last_name STRING NOT NULL COMMENT 'Last name',
  department_name STRING NOT NULL COMMENT 'Name of the department',
  location STRING COMMENT 'Where the department is',
  email_address STRING NOT NULL COMMENT 'E-mail address at work'
) USING delta
COMMENT 'ToteSys: staff with their departments, one row a member of staff';

SELECT
  staff.staff_id,
  staff.first_name,
  staff.last_name,
  department.department_name,
  department.location,
  staff.email_address
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY staff_id ORDER BY seen_from DESC) AS place FROM {silver}.totesys_staff) staff
JOIN (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY department_id ORDER BY seen_from DESC) AS place FROM {silver}.totesys_department
) department ON department.department_id = staff.department_id AND department.place = 1
WHERE staff.place = 1;
