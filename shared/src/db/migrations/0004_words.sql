-- The words of texts, for search. A block is what one transaction wrote, or what several blocks were folded into; it never changes.
CREATE TABLE word_blocks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- What is searched together: 'knowledge', or 'conversations/' and the number of a model.
    space text NOT NULL,
    -- Goes with this segment of vectors, if its texts are in one.
    segment int,
    -- How text became terms. Terms of another analysis or version are not comparable.
    analysis text NOT NULL,
    version smallint NOT NULL,
    chunks int NOT NULL CHECK (chunks > 0),
    -- Terms of all its chunks, repeats included.
    length bigint NOT NULL,
    mask int NOT NULL,
    first_doc bigint NOT NULL,
    last_doc bigint NOT NULL,
    bytes bigint NOT NULL
);
CREATE INDEX word_blocks_space ON word_blocks (space, analysis);

-- Which terms stand in which chunks, in buckets. No foreign key: it would be looked at for every row.
CREATE TABLE word_postings (
    block bigint NOT NULL,
    bucket int NOT NULL,
    postings bytea NOT NULL,
    PRIMARY KEY (block, bucket)
);
-- They are packed already, and the planner's statistics would keep samples of words that were erased.
ALTER TABLE word_postings ALTER COLUMN postings SET STORAGE EXTERNAL, ALTER COLUMN postings SET STATISTICS 0;

-- Chunks that were deleted and still stand in a block.
CREATE TABLE word_dead (
    space text NOT NULL,
    doc bigint NOT NULL,
    analysis text NOT NULL,
    version smallint NOT NULL,
    length int NOT NULL,
    -- Of a conversation's chunk, so that an erasure finds also what had given way before.
    event_id bigint,
    PRIMARY KEY (space, doc)
);

-- The number of a chunk in the blocks. It is never used twice, not even for the same chunk written again.
CREATE SEQUENCE conversation_docs;
-- How many words it has, and how they became terms: none and null for rows from before.
ALTER TABLE conversation_embeddings ADD COLUMN doc bigint, ADD COLUMN words int NOT NULL DEFAULT 0, ADD COLUMN analysis text,
    ADD COLUMN words_version smallint;
