-- Who forwards what interactions say: one row, which is there from the start.
CREATE TABLE stream_lease (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    -- Who holds the lease writes under its epoch. A listener that comes back too late finds another one, and writes nothing.
    epoch bigint NOT NULL DEFAULT 0,
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    -- When the holder means to leave. Until shortly before, nobody else is needed.
    leaves_at timestamptz NOT NULL DEFAULT 'epoch',
    -- Until then somebody stands by who hears everything, so that the holder may leave.
    successor_until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO stream_lease DEFAULT VALUES;

-- How far each interaction was forwarded.
CREATE TABLE stream_offsets (
    interaction_id text PRIMARY KEY,
    -- What was forwarded, as numbers, beside the words of a sentence that is not complete.
    progress json NOT NULL,
    -- Messages that are to be sent, if they were not: written before they are sent, and taken away afterwards.
    unsent json,
    -- Whether words are in it.
    has_words boolean NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- Else the planner's statistics keep samples of what was said.
ALTER TABLE stream_offsets ALTER COLUMN interaction_id SET STATISTICS 0;
ALTER TABLE stream_offsets ALTER COLUMN progress SET STATISTICS 0;
ALTER TABLE stream_offsets ALTER COLUMN unsent SET STATISTICS 0;
CREATE INDEX stream_offsets_words ON stream_offsets (interaction_id) WHERE has_words;
CREATE INDEX stream_offsets_seen ON stream_offsets (seen_at);
