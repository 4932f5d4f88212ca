-- What a bar that is not settled says of itself: the last columns of its view.
  provisional COMMENT 'Always true: late trades, and REST once the day is over, may change or withdraw it',
  came COMMENT 'live: sent once; late: sent again, for late trades; rest: nobody heard it, and REST was asked',
  revisions COMMENT 'How many times the bar came so far',
  received_at COMMENT 'When it was received last, UTC',
  segment COMMENT 'Part of bronze that it was read from',
  verdict COMMENT 'Of that part: whole, or how many of its messages could not be read and are in quality.quarantine'
