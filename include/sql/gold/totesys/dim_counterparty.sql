-- Who buys and sells, with the legal address, by the last that is known of each.
-- Key: counterparty_id
-- NULL: counterparty_legal_address_line_2 and counterparty_legal_district where the address has none
CREATE TABLE IF NOT EXISTS {gold}.totesys_dim_counterparty (
  counterparty_id INT NOT NULL COMMENT 'Number of the counterparty',
  counterparty_legal_name STRING NOT NULL COMMENT 'Legal name of the counterparty',
  counterparty_legal_address_line_1 STRING NOT NULL COMMENT 'First line of the legal address',
  counterparty_legal_address_line_2 STRING COMMENT 'Second line of the legal address',
  counterparty_legal_district STRING COMMENT 'District of the legal address',
  counterparty_legal_city STRING NOT NULL COMMENT 'City of the legal address',
  counterparty_legal_postal_code STRING NOT NULL COMMENT 'Postal code of the legal address',
  counterparty_legal_country STRING NOT NULL COMMENT 'Country of the legal address',
  counterparty_legal_phone_number STRING NOT NULL COMMENT 'Telephone number of the legal address'
) USING delta
COMMENT 'ToteSys: counterparties with their legal addresses, one row a counterparty';

SELECT
  counterparty.counterparty_id,
  counterparty.counterparty_legal_name,
  address.address_line_1 AS counterparty_legal_address_line_1,
  address.address_line_2 AS counterparty_legal_address_line_2,
  address.district AS counterparty_legal_district,
  address.city AS counterparty_legal_city,
  address.postal_code AS counterparty_legal_postal_code,
  address.country AS counterparty_legal_country,
  address.phone AS counterparty_legal_phone_number
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY counterparty_id ORDER BY seen_from DESC) AS place FROM {silver}.totesys_counterparty
) counterparty
JOIN (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY address_id ORDER BY seen_from DESC) AS place FROM {silver}.totesys_address
) address ON address.address_id = counterparty.legal_address_id AND address.place = 1
WHERE counterparty.place = 1;
