-- How many numbers of vectors a second the graphs of merged segments were built with, by tier (the first is tier 0): what would not end
-- within a run is not begun. Whoever gives the database more memory sets them to NULL, and it is measured anew.
ALTER TABLE segment_keepers ADD COLUMN build_paces float8[] NOT NULL DEFAULT array_fill(NULL::float8, ARRAY[8]);

-- Of some of its rows the nearest were looked for by the graph and one by one: the share that the graph found, and when.
ALTER TABLE vector_segments
    ADD COLUMN recall real,
    ADD COLUMN recall_at timestamptz;
