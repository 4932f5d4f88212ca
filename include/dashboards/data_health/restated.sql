-- Title: Market days loaded again
-- Kind: counter
-- Place: column 5, row 1, 2 wide, 2 high
-- Value: restated, Loads replaced, number
-- Empty: Nothing was loaded.
SELECT count(*) AS restated
FROM quality.earlier_loads
