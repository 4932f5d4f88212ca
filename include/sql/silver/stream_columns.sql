-- When a bar of a stream came, and how: the last columns but those that say where a row comes from.
  received_at TIMESTAMP NOT NULL COMMENT 'When it was received, by the recorder, to the second, UTC; of a bar of REST when that answered',
  segment STRING NOT NULL COMMENT 'Part of bronze that it was read from: T<when it began>Z-<connection>, or rest-<minutes> that nobody heard',
  line INT NOT NULL COMMENT 'Line of that part, counted from 1',
  revisions INT NOT NULL COMMENT 'How many times the bar came; this row is the last one received',
  came STRING NOT NULL COMMENT 'live: sent once, when its minute was over; late: sent again, for late trades; rest: nobody heard it, and REST was asked'
