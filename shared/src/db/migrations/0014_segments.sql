-- Segments of vectors roll over, are sealed and merged. A model has one that is fresh and takes the writes, and one that is next, empty
-- and attached already. What is closed takes no more and has no graph yet; what is sealed has one. What is building becomes a segment
-- made of others, which are replaced by it.
ALTER TABLE vector_segments DROP CONSTRAINT vector_segments_state_check,
    ADD CONSTRAINT vector_segments_state_check CHECK (state IN ('next', 'fresh', 'closed', 'sealed', 'building', 'replaced')),
    -- The first number of a chunk that may stand in it: how full it is, is known without counting.
    ADD COLUMN first_doc bigint,
    -- None: sealed as it was written. Each merge makes one higher.
    ADD COLUMN tier smallint NOT NULL DEFAULT 0,
    -- Its rows and the span of their times when it was sealed. Deletes only make them fewer.
    ADD COLUMN row_count bigint,
    ADD COLUMN first_at timestamptz,
    ADD COLUMN last_at timestamptz,
    ADD COLUMN closed_at timestamptz,
    ADD COLUMN sealed_at timestamptz,
    -- The segment that is being made of it.
    ADD COLUMN replaced_by int REFERENCES vector_segments;
CREATE UNIQUE INDEX vector_segments_next ON vector_segments (model_id) WHERE state = 'next';

-- What is fresh from before counts from its first chunk on.
UPDATE vector_segments s SET first_doc = coalesce(
    (SELECT min(doc) FROM conversation_embeddings WHERE segment = s.id), (SELECT last_value FROM conversation_docs))
WHERE state = 'fresh';

-- One keeper at a time works at the segments of a model. Its epoch is a fence: whoever lost the lease changes nothing.
CREATE TABLE segment_keepers (
    model_id smallint PRIMARY KEY,
    epoch bigint NOT NULL DEFAULT 0,
    until timestamptz NOT NULL
);

-- What was deleted from a segment while another was made of it.
CREATE TABLE segment_removed (
    segment int NOT NULL,
    event_id bigint NOT NULL,
    chunk int NOT NULL
);
