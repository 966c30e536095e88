-- What ops-console shows, counted ahead of time, so that its page costs the same however much is stored. Numbers only: nothing here names
-- anybody, and what was erased stays counted.

-- How far was counted, and when: one row, which is there from the start.
CREATE TABLE console_progress (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    rolled_until timestamptz,
    rolled_at timestamptz
);
INSERT INTO console_progress DEFAULT VALUES;

-- Events that were stored in a minute, and for how long the one that waited longest had been on its way.
CREATE TABLE console_minutes (
    at timestamptz PRIMARY KEY,
    events int NOT NULL,
    longest_wait_s real NOT NULL
);
-- A minute is counted from the events themselves.
CREATE INDEX conversation_events_stored ON conversation_events (stored_at);

-- What lay in the queues at a moment.
CREATE TABLE console_queues (
    at timestamptz NOT NULL,
    queue text NOT NULL,
    waiting bigint NOT NULL,
    dead bigint NOT NULL,
    PRIMARY KEY (at, queue)
);

-- Batches of texts for which a model was asked. Worth little after a crash, and written beside every batch: unlogged.
CREATE UNLOGGED TABLE embedding_batches (
    at timestamptz NOT NULL DEFAULT now(),
    model_id smallint NOT NULL,
    texts int NOT NULL,
    refused int NOT NULL,
    failed int NOT NULL,
    tokens bigint NOT NULL,
    duration_ms real NOT NULL
);
CREATE INDEX embedding_batches_at ON embedding_batches (at);

CREATE TABLE console_embeddings (
    hour timestamptz NOT NULL,
    model_id smallint NOT NULL,
    batches bigint NOT NULL,
    texts bigint NOT NULL,
    refused bigint NOT NULL,
    failed bigint NOT NULL,
    tokens bigint NOT NULL,
    p50_ms double precision NOT NULL,
    p95_ms double precision NOT NULL,
    PRIMARY KEY (hour, model_id)
);

-- What agents were shown in an hour, by where it stood, and how much of it was used, whenever that was.
CREATE TABLE console_positions (
    hour timestamptz NOT NULL,
    source text NOT NULL,
    position smallint NOT NULL,
    shown bigint NOT NULL,
    used bigint NOT NULL,
    PRIMARY KEY (hour, source, position)
);

-- Orders of snippets that were accepted in an hour, by what became of them.
CREATE TABLE console_orders (
    hour timestamptz NOT NULL,
    state text NOT NULL,
    orders bigint NOT NULL,
    PRIMARY KEY (hour, state)
);

-- What the page counts as it is now.
CREATE INDEX knowledge_links_broken ON knowledge_links (url_hash) WHERE state = 'broken';
CREATE INDEX knowledge_mirror_aside ON knowledge_mirror (article_id) WHERE set_aside IS NOT NULL;
