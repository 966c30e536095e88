-- The models that vectors come from. Queries use the one that is active; others are being filled, or were left.
CREATE TABLE embedding_models (
    id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    name text NOT NULL,
    dimensions smallint NOT NULL CHECK (dimensions > 0),
    active boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, name, dimensions)
);
CREATE UNIQUE INDEX embedding_models_active ON embedding_models (active) WHERE active;

-- What CXone sent, once. The unique key is what makes a repeat a repeat.
CREATE TABLE conversation_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_key bytea NOT NULL UNIQUE CHECK (octet_length(event_key) = 32),
    source_system text NOT NULL DEFAULT 'nice_cxone',
    conversation_id text NOT NULL,
    event text NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    receipt_id uuid NOT NULL,
    -- json keeps what jsonb refuses: escaped NUL characters and numbers of any size.
    raw_event json NOT NULL,
    raw_masked boolean NOT NULL,
    -- Whether this event takes the place of earlier ones of its conversation, and gives way to later ones.
    supersedes boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('searchable', 'superseded', 'no_text', 'incomplete')),
    stored_at timestamptz NOT NULL DEFAULT now()
);
-- Else the planner's statistics keep samples of names that were erased.
ALTER TABLE conversation_events ALTER COLUMN conversation_id SET STATISTICS 0;
CREATE INDEX conversation_events_conversation ON conversation_events (conversation_id, occurred_at);
CREATE INDEX conversation_events_received ON conversation_events (received_at);

-- Which event was made into vectors of which model, and under which schema map last: what makes re-embedding and replay
-- idempotent, also when an earlier map comes back.
CREATE TABLE embedded (
    event_id bigint NOT NULL REFERENCES conversation_events ON DELETE CASCADE,
    -- Models are never removed; a foreign key would be looked at for every row.
    model_id smallint NOT NULL,
    map_version text NOT NULL,
    chunks int NOT NULL,
    -- Chunks that only words can find: the policy kept them from the model, or the model refused them.
    without_vector int NOT NULL,
    embedded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event_id, model_id)
);

-- The parts of the table of vectors. Of each model one is fresh: it takes the writes and has no graph.
CREATE TABLE vector_segments (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_id smallint NOT NULL REFERENCES embedding_models,
    state text NOT NULL DEFAULT 'fresh' CHECK (state IN ('fresh', 'sealed')),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX vector_segments_fresh ON vector_segments (model_id) WHERE state = 'fresh';

-- What search reads. The event's row is written in the same transaction; no foreign key, because a segment is dropped whole.
CREATE TABLE conversation_embeddings (
    segment int NOT NULL,
    model_id smallint NOT NULL,
    event_id bigint NOT NULL,
    chunk int NOT NULL,
    source_system text NOT NULL,
    conversation_id text NOT NULL,
    occurred_at timestamptz NOT NULL,
    text_content text NOT NULL,
    -- The same text has the same vector: it is not embedded twice.
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    embedding vector,
    semantic_metadata jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event_id, chunk, segment)
) PARTITION BY LIST (segment);
-- Else the planner's statistics keep samples of texts and names that were erased. Each part repeats this.
ALTER TABLE conversation_embeddings ALTER COLUMN text_content SET STATISTICS 0, ALTER COLUMN semantic_metadata SET STATISTICS 0,
    ALTER COLUMN conversation_id SET STATISTICS 0;
CREATE INDEX conversation_embeddings_hash ON conversation_embeddings (content_hash);
CREATE INDEX conversation_embeddings_metadata ON conversation_embeddings USING gin (semantic_metadata jsonb_path_ops);

-- The examples of intents, embedded once per model.
CREATE TABLE intent_examples (
    model_id smallint NOT NULL REFERENCES embedding_models,
    text_hash bytea NOT NULL,
    embedding vector NOT NULL,
    PRIMARY KEY (model_id, text_hash)
);

-- Who works on which event, so that copies that arrive together ask the model once. Worth nothing after a crash: unlogged.
CREATE UNLOGGED TABLE embedding_claims (
    event_key bytea PRIMARY KEY,
    holder uuid NOT NULL,
    until timestamptz NOT NULL
);

-- What was erased must not come back. The name is a keyed hash: it tells nothing without the key.
CREATE TABLE erased_conversations (
    conversation_mac bytea PRIMARY KEY,
    receipt_id uuid NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT now(),
    removed json NOT NULL
);
