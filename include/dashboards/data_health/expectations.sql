-- Title: Expectations met
-- Kind: counter
-- Place: column 1, row 1, 2 wide, 2 high
-- Value: met, Met, %
-- Empty: Nothing was checked.
SELECT count_if(passed) / nullif(count(*), 0) AS met
FROM quality.results
