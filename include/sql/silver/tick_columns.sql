-- The columns of these.
  sequence_number BIGINT NOT NULL COMMENT 'Place in the order of events of the ticker on the day; grows, with holes',
  sip_ns BIGINT NOT NULL COMMENT 'When the SIP had it: nanoseconds since 1970, UTC',
  sip_at TIMESTAMP NOT NULL COMMENT 'The same cut to microseconds, UTC',
  participant_ns BIGINT COMMENT 'When the exchange made it: nanoseconds since 1970, UTC',
  trf_ns BIGINT COMMENT 'When a Trade Reporting Facility had it: nanoseconds since 1970, UTC; 0 or NULL where none did',
  tape INT COMMENT 'Tape of the ticker: 1 (A) NYSE, 2 (B) NYSE Arca and American, 3 (C) Nasdaq'
