-- Numbers of conditions as the API writes them, [12,37], or as a flat file does, 12;37; none where there are none.
  CASE WHEN NOT conditions RLIKE '[^\\[\\]0-9,; ]' THEN transform(
    filter(split(regexp_replace(conditions, '[\\[\\] ]', ''), '[,;]'), number -> number <> ''), number -> CAST(number AS INT))
    END AS conditions
