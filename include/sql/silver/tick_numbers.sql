-- What trades and quotes have alike: their number in the day, and when the SIP, the exchange and the TRF had them. Whole, as the
-- source gives them: a DOUBLE would lose digits of a nanosecond.
  TRY_CAST(sequence_number AS BIGINT) AS sequence_number,
  TRY_CAST(sip_ns AS BIGINT) AS sip_ns,
  timestamp_micros(TRY_CAST(sip_ns AS BIGINT) DIV 1000) AS sip_at,
  TRY_CAST(participant_ns AS BIGINT) AS participant_ns,
  TRY_CAST(trf_ns AS BIGINT) AS trf_ns,
  TRY_CAST(tape AS INT) AS tape
