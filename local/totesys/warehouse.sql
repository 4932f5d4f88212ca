-- The warehouse of ToteSys: the star under its plain names, and which version of it is loaded. A loader needs SELECT, INSERT,
-- UPDATE and DELETE on these tables, and TEMP on the database.
CREATE TABLE loads (
    target text NOT NULL,
    version bigint NOT NULL,
    run text NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (target, version)
);

CREATE TABLE dim_date (
    date_id date PRIMARY KEY,
    year integer NOT NULL,
    month integer NOT NULL,
    day integer NOT NULL,
    day_of_week integer NOT NULL,
    day_name varchar NOT NULL,
    month_name varchar NOT NULL,
    quarter integer NOT NULL
);

CREATE TABLE dim_staff (
    staff_id integer PRIMARY KEY,
    first_name varchar NOT NULL,
    last_name varchar NOT NULL,
    department_name varchar NOT NULL,
    location varchar,
    email_address varchar NOT NULL
);

CREATE TABLE dim_location (
    location_id integer PRIMARY KEY,
    address_line_1 varchar NOT NULL,
    address_line_2 varchar,
    district varchar,
    city varchar NOT NULL,
    postal_code varchar NOT NULL,
    country varchar NOT NULL,
    phone varchar NOT NULL
);

CREATE TABLE dim_design (
    design_id integer PRIMARY KEY,
    design_name varchar NOT NULL,
    file_location varchar NOT NULL,
    file_name varchar NOT NULL
);

CREATE TABLE dim_currency (
    currency_id integer PRIMARY KEY,
    currency_code varchar(3) NOT NULL,
    currency_name varchar NOT NULL
);

CREATE TABLE dim_counterparty (
    counterparty_id integer PRIMARY KEY,
    counterparty_legal_name varchar NOT NULL,
    counterparty_legal_address_line_1 varchar NOT NULL,
    counterparty_legal_address_line_2 varchar,
    counterparty_legal_district varchar,
    counterparty_legal_city varchar NOT NULL,
    counterparty_legal_postal_code varchar NOT NULL,
    counterparty_legal_country varchar NOT NULL,
    counterparty_legal_phone_number varchar NOT NULL
);

CREATE TABLE fact_sales_order (
    sales_record_id integer PRIMARY KEY,
    sales_order_id integer NOT NULL,
    created_date date NOT NULL REFERENCES dim_date,
    created_time time NOT NULL,
    last_updated_date date NOT NULL REFERENCES dim_date,
    last_updated_time time NOT NULL,
    sales_staff_id integer NOT NULL REFERENCES dim_staff,
    counterparty_id integer NOT NULL REFERENCES dim_counterparty,
    units_sold integer NOT NULL,
    unit_price numeric(10, 2) NOT NULL,
    currency_id integer NOT NULL REFERENCES dim_currency,
    design_id integer NOT NULL REFERENCES dim_design,
    agreed_payment_date date NOT NULL REFERENCES dim_date,
    agreed_delivery_date date NOT NULL REFERENCES dim_date,
    agreed_delivery_location_id integer NOT NULL REFERENCES dim_location,
    seen_from timestamptz NOT NULL,
    seen_until timestamptz
);
