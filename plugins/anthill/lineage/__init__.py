"""Where a number of gold comes from: its SQL, the rows and objects below it, the runs between, the checks it passed."""
