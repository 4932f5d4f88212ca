-- Designs, by the last that is known of each: what is gone stays, for what was sold of it.
-- Key: design_id
CREATE TABLE IF NOT EXISTS {gold}.totesys_dim_design (
  design_id INT NOT NULL COMMENT 'Number of the design',
  design_name STRING NOT NULL COMMENT 'Name of the design',
  file_location STRING NOT NULL COMMENT 'Folder of the file of the design',
  file_name STRING NOT NULL COMMENT 'Name of the file of the design'
) USING delta
COMMENT 'ToteSys: designs of bags, one row a design';

SELECT
  design_id,
  design_name,
  file_location,
  file_name
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY design_id ORDER BY seen_from DESC) AS place FROM {silver}.totesys_design)
WHERE place = 1;
