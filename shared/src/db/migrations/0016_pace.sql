-- How much was posted in the last hour, in slots of a few seconds: CXone counts hours too.
CREATE TABLE injection_posts (
    slot timestamptz PRIMARY KEY,
    posts int NOT NULL CHECK (posts > 0)
);

-- How many parts of transcripts there are of each kind, so that nobody counts them. Each change adds a row, which is less than nothing where
-- parts went; their sum is the truth in every snapshot, and nobody waits for anybody. Now and then they are folded into few.
CREATE TABLE transcript_tallies (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state text NOT NULL,
    archived boolean NOT NULL,
    parts bigint NOT NULL,
    -- How many of them have a latency, and the sum of those; numeric, because it is to come out even.
    latencies bigint NOT NULL,
    latency_ms numeric NOT NULL
);
CREATE FUNCTION transcripts_come() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO transcript_tallies (state, archived, parts, latencies, latency_ms)
    SELECT state, archived, count(*), count(latency_ms), coalesce(sum(latency_ms::float8::numeric), 0) FROM come GROUP BY state, archived;
    RETURN NULL;
END $$;
CREATE FUNCTION transcripts_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO transcript_tallies (state, archived, parts, latencies, latency_ms)
    SELECT state, archived, -count(*), -count(latency_ms), -coalesce(sum(latency_ms::float8::numeric), 0) FROM gone GROUP BY state, archived;
    RETURN NULL;
END $$;
-- A change is both: what it was goes, what it is comes.
CREATE TRIGGER transcripts_inserted AFTER INSERT ON transcripts REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION transcripts_come();
CREATE TRIGGER transcripts_deleted AFTER DELETE ON transcripts REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION transcripts_go();
CREATE TRIGGER transcripts_changed_from AFTER UPDATE ON transcripts REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION transcripts_go();
CREATE TRIGGER transcripts_changed_to AFTER UPDATE ON transcripts REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION transcripts_come();
-- The triggers hold off every change until this is committed.
INSERT INTO transcript_tallies (state, archived, parts, latencies, latency_ms)
SELECT state, archived, count(*), count(latency_ms), coalesce(sum(latency_ms::float8::numeric), 0) FROM transcripts GROUP BY state, archived;

-- The slowest, the oldest that waits, and of whom nobody could be told.
CREATE INDEX transcripts_latency ON transcripts (latency_ms) WHERE state = 'injected' AND latency_ms IS NOT NULL;
CREATE INDEX transcripts_oldest ON transcripts (created_at) WHERE state IN ('pending', 'sending');
CREATE INDEX transcript_archive_callback ON transcript_archive (callback_id) WHERE callback_id IS NOT NULL;
