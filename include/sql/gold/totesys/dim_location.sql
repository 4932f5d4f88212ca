-- Addresses that are delivered to, by the last that is known of each: what is gone stays, for what was sold there.
-- Key: location_id (elsewhere agreed_delivery_location_id)
-- NULL: address_line_2 and district where an address has none
CREATE TABLE IF NOT EXISTS {gold}.totesys_dim_location (
  location_id INT NOT NULL COMMENT 'Number of the address',
  address_line_1 STRING NOT NULL COMMENT 'First line of the address',
  address_line_2 STRING COMMENT 'Second line of the address',
  district STRING COMMENT 'District',
  city STRING NOT NULL COMMENT 'City',
  postal_code STRING NOT NULL COMMENT 'Postal code',
  country STRING NOT NULL COMMENT 'Country',
  phone STRING NOT NULL COMMENT 'Telephone number'
) USING delta
COMMENT 'ToteSys: addresses, one row an address';

SELECT
  address_id AS location_id,
  address_line_1,
  address_line_2,
  district,
  city,
  postal_code,
  country,
  phone
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY address_id ORDER BY seen_from DESC) AS place FROM {silver}.totesys_address)
WHERE place = 1;
