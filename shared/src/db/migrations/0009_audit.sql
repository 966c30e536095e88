-- Under which key a subject stands in the audit. Its name here is a keyed hash, as on a tombstone. Erasure takes the key away, and leaves
-- the row: no other key is made for the same name, and the entries stay as they are, for nobody knows whom they are about.
CREATE TABLE audit_keys (
    subject_mac bytea PRIMARY KEY CHECK (octet_length(subject_mac) = 32),
    key bytea CHECK (octet_length(key) = 32),
    made_at timestamptz NOT NULL DEFAULT now()
);
-- Else the planner's statistics keep samples of keys that were taken away.
ALTER TABLE audit_keys ALTER COLUMN key SET STATISTICS 0;

-- The newest entry of every chain. Whoever appends holds the row until the transaction ends, hence several chains.
CREATE TABLE audit_chains (
    shard smallint PRIMARY KEY CHECK (shard BETWEEN 0 AND 15),
    entries bigint NOT NULL DEFAULT 0,
    head bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (octet_length(head) = 32)
);
INSERT INTO audit_chains (shard) SELECT generate_series(0, 15);

-- What happened, each entry tied to the one before by its hash. shared/src/audit/entry.rs says over which bytes.
CREATE TABLE audit_entries (
    shard smallint NOT NULL,
    position bigint NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    -- A pseudonym.
    subject bytea NOT NULL CHECK (octet_length(subject) = 32),
    -- Canonical JSON, as text: its bytes are what was hashed.
    content text NOT NULL,
    previous bytea NOT NULL CHECK (octet_length(previous) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (shard, position)
);
CREATE INDEX audit_entries_kind ON audit_entries (kind, at);

-- Keeps slips away, not whoever owns the table: those are found by their traces.
CREATE FUNCTION audit_entries_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the audit are neither changed nor removed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_entries_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stand();

-- Whom somebody else's server is still to be told something. A row comes with the change it tells of, and goes when that was told.
CREATE TABLE callbacks (
    id uuid PRIMARY KEY,
    -- A keyed hash, as on a tombstone: erasure takes what is still to be said about the subject.
    subject_mac bytea NOT NULL CHECK (octet_length(subject_mac) = 32),
    url text NOT NULL,
    -- What is sent, byte for byte.
    body text NOT NULL,
    tries int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_try_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Who works on it writes under its epoch, until the lease ends.
    epoch bigint NOT NULL DEFAULT 0,
    leased_until timestamptz NOT NULL DEFAULT '-infinity',
    -- Why it is tried no more.
    dead text,
    died_at timestamptz,
    CHECK ((dead IS NULL) = (died_at IS NULL))
);
-- Else the planner's statistics keep samples of what was erased.
ALTER TABLE callbacks ALTER COLUMN url SET STATISTICS 0, ALTER COLUMN body SET STATISTICS 0;
CREATE INDEX callbacks_due ON callbacks (next_try_at) WHERE dead IS NULL;
CREATE INDEX callbacks_subject ON callbacks (subject_mac);
CREATE INDEX callbacks_dead ON callbacks (died_at) WHERE dead IS NOT NULL;
