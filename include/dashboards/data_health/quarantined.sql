-- Title: Rows in quarantine
-- Kind: counter
-- Place: column 3, row 1, 2 wide, 2 high
-- Value: quarantined, Rows, rows
-- Empty: Nothing was loaded.
SELECT sum(quarantined) AS quarantined
FROM quality.loads
