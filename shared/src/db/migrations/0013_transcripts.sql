-- Transcripts that are to be put into CXone, and what became of them. One has a part or several; each part is one post.
CREATE TABLE transcripts (
    id uuid NOT NULL,
    part smallint NOT NULL CHECK (part >= 1),
    parts smallint NOT NULL CHECK (parts >= part),
    -- The order of arrival, in which the parts of an interaction are posted.
    number bigint GENERATED ALWAYS AS IDENTITY,
    interaction_id text NOT NULL,
    -- Its name as on a tombstone.
    subject_mac bytea NOT NULL CHECK (octet_length(subject_mac) = 32),
    -- A repeat under the same key gets the same answer.
    idempotency_key text,
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    -- What is posted, byte for byte. Once CXone has it, it goes.
    payload bytea,
    messages int NOT NULL CHECK (messages > 0),
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'injected', 'refused', 'dead', 'outcome_unknown')),
    attempts int NOT NULL DEFAULT 0,
    -- Whether an earlier try may have arrived.
    in_doubt boolean NOT NULL DEFAULT false,
    -- Who posts writes under its epoch, until the lease ends.
    epoch bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    next_try_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    conversation_id text,
    http_status smallint,
    -- Why it was not injected, or not yet.
    reason text,
    latency_ms real,
    archive_callback_url text,
    archived boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    PRIMARY KEY (id, part),
    UNIQUE (idempotency_key, part),
    CHECK ((payload IS NULL) = (state = 'injected')),
    CHECK ((conversation_id IS NOT NULL) = (state = 'injected')),
    CHECK ((lease_until IS NULL) = (state <> 'sending')),
    CHECK ((ended_at IS NULL) = (state IN ('pending', 'sending')))
);
-- Else the planner's statistics keep samples of what was erased.
ALTER TABLE transcripts ALTER COLUMN interaction_id SET STATISTICS 0, ALTER COLUMN idempotency_key SET STATISTICS 0,
    ALTER COLUMN payload SET STATISTICS 0, ALTER COLUMN conversation_id SET STATISTICS 0, ALTER COLUMN reason SET STATISTICS 0,
    ALTER COLUMN archive_callback_url SET STATISTICS 0;
CREATE INDEX transcripts_waiting ON transcripts (number) WHERE state IN ('pending', 'sending');
-- Whose turn it is in an interaction. What is dead holds those behind it, so that it can be brought back in its place.
CREATE INDEX transcripts_line ON transcripts (interaction_id, number) WHERE state IN ('pending', 'sending', 'dead');
CREATE INDEX transcripts_interaction ON transcripts (interaction_id);
CREATE INDEX transcripts_conversation ON transcripts (conversation_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX transcripts_dead ON transcripts (ended_at) WHERE state IN ('dead', 'outcome_unknown');
-- Injected, and not yet in the archive.
CREATE INDEX transcripts_unarchived ON transcripts (number) WHERE state = 'injected' AND NOT archived;
CREATE INDEX transcripts_ended ON transcripts (ended_at) WHERE ended_at IS NOT NULL;

-- Which conversation CXone made of which interaction.
CREATE TABLE transcript_archive (
    id uuid NOT NULL,
    part smallint NOT NULL,
    interaction_id text NOT NULL,
    conversation_id text NOT NULL,
    -- The callback that tells of it, if somebody wants to know. It is gone once it was delivered.
    callback_id uuid,
    archived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (id, part),
    FOREIGN KEY (id, part) REFERENCES transcripts ON DELETE CASCADE
);
ALTER TABLE transcript_archive ALTER COLUMN interaction_id SET STATISTICS 0, ALTER COLUMN conversation_id SET STATISTICS 0;

-- How many posts the tenant allows now: one row, which all who post share. It is full at first.
CREATE TABLE injection_pace (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    tokens double precision NOT NULL DEFAULT 'Infinity',
    filled_at timestamptz NOT NULL DEFAULT 'epoch',
    capacity double precision NOT NULL DEFAULT 250,
    per_second double precision NOT NULL DEFAULT 17.0 / 60,
    -- Before that, nobody posts.
    paused_until timestamptz NOT NULL DEFAULT '-infinity',
    -- What a person has to change at CXone or in the settings. As long as it stands, one post at a time tries whether that was done.
    trouble text,
    troubled_since timestamptz,
    CHECK ((trouble IS NULL) = (troubled_since IS NULL))
);
INSERT INTO injection_pace DEFAULT VALUES;
