-- Title: Rows that a later answer changed
-- Kind: bar
-- Place: column 4, row 21, 3 wide, 6 high
-- Across: dataset, Dataset
-- Up: changed_rows, Changed, rows
-- Colour: cause, Cause
-- Empty: No later answer changed a row.
SELECT dataset, cause, sum(row_count) AS changed_rows
FROM quality.changes
GROUP BY dataset, cause
ORDER BY changed_rows DESC, dataset, cause
