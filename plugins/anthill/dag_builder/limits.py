"""How long a task may take that lands."""

from __future__ import annotations

import datetime as dt

# A landing that takes longer than its market day never keeps up: a slot of the slowest plan makes 1,800 calls in it. A
# time-out is only for what hangs in spite of all others; it loses nothing, the retry asks again.
LAND_AT_MOST = dt.timedelta(days=1)
CUT_AT_MOST = dt.timedelta(hours=1)  # a database keeps what a transaction sees for as long as it is open
