-- Segments of vectors roll over, are sealed and merged.
SELECT 1;
