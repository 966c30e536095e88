-- What the knowledge sync knows of itself: one row, which is there from the start.
CREATE TABLE knowledge_sync (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    -- Everything that CXone changed before this instant is here.
    watermark timestamptz,
    -- Who holds the lease writes under its epoch. A worker that comes back too late finds another one, and writes nothing.
    epoch bigint NOT NULL DEFAULT 0,
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    -- Grows when search can see a difference: what was kept of an earlier one is stale.
    generation bigint NOT NULL DEFAULT 0
);
INSERT INTO knowledge_sync DEFAULT VALUES;

-- Runs of the sync. The queue and the schedule only wake a worker; what is to be done stands here.
CREATE TABLE knowledge_runs (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('incremental', 'reconcile', 'full')),
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'held', 'failed')),
    accept_removals boolean NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    checkpoint json,
    counts json NOT NULL DEFAULT '{}',
    error text,
    CHECK ((finished_at IS NOT NULL) = (state IN ('done', 'held', 'failed')))
);
CREATE INDEX knowledge_runs_waiting ON knowledge_runs (requested_at) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX knowledge_runs_running ON knowledge_runs (state) WHERE state = 'running';
CREATE INDEX knowledge_runs_finished ON knowledge_runs (finished_at);

-- Every article that CXone ever told us of. Search reads documents, chunks and vectors; this row is the sync's own.
CREATE TABLE knowledge_articles (
    id text PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('live', 'left_out', 'gone')),
    modified_at timestamptz NOT NULL,
    version bigint,
    territory text,
    category text,
    status text,
    -- Of everything that CXone said of it.
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    -- Which settings it was rendered under: under others it is rendered anew.
    rendered_as text NOT NULL,
    conflict json,
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- An article in one language.
CREATE TABLE knowledge_documents (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_id text NOT NULL REFERENCES knowledge_articles ON DELETE CASCADE,
    locale text NOT NULL,
    title text NOT NULL,
    metadata jsonb NOT NULL,
    UNIQUE (article_id, locale)
);
CREATE INDEX knowledge_documents_metadata ON knowledge_documents USING gin (metadata jsonb_path_ops);

-- The pieces of a document. A piece that only moved keeps its row, and so its vectors.
CREATE TABLE knowledge_chunks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id bigint NOT NULL REFERENCES knowledge_documents ON DELETE CASCADE,
    chunk int NOT NULL,
    heading text NOT NULL,
    text_content text NOT NULL,
    -- The same text has the same vector: it is not embedded twice.
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    -- Deferred, because chunks change places.
    UNIQUE (document_id, chunk) DEFERRABLE INITIALLY DEFERRED
);
-- Else the planner's statistics keep samples of texts that are gone.
ALTER TABLE knowledge_chunks ALTER COLUMN text_content SET STATISTICS 0;
CREATE INDEX knowledge_chunks_hash ON knowledge_chunks (content_hash);

-- Where chunks lie, by model. Rows of up to one page stay whole in it: a vector is then read without a detour.
CREATE TABLE knowledge_vectors (
    chunk_id bigint NOT NULL REFERENCES knowledge_chunks ON DELETE CASCADE,
    -- Models are never removed; a foreign key would be looked at for every row.
    model_id smallint NOT NULL,
    embedding vector NOT NULL,
    PRIMARY KEY (chunk_id, model_id)
) WITH (toast_tuple_target = 8160);

-- Every link that stands in an article, checked once for all of them.
CREATE TABLE knowledge_links (
    url_hash bytea PRIMARY KEY CHECK (octet_length(url_hash) = 32),
    url text NOT NULL,
    state text NOT NULL DEFAULT 'unchecked' CHECK (state IN ('unchecked', 'fine', 'unknown', 'broken')),
    status smallint,
    why text,
    -- How many checks in a row said that it is broken.
    strikes smallint NOT NULL DEFAULT 0,
    checked_at timestamptz,
    next_check_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX knowledge_links_due ON knowledge_links (next_check_at);

CREATE TABLE knowledge_article_links (
    article_id text NOT NULL REFERENCES knowledge_articles ON DELETE CASCADE,
    url_hash bytea NOT NULL REFERENCES knowledge_links,
    PRIMARY KEY (article_id, url_hash)
);
CREATE INDEX knowledge_article_links_url ON knowledge_article_links (url_hash);

-- Where CXone's side contradicts ours. The same two sides are recorded once.
CREATE TABLE knowledge_conflicts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    article_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('older', 'same_date', 'version_back')),
    policy text NOT NULL CHECK (policy IN ('skip', 'take-remote', 'flag')),
    local json NOT NULL,
    remote json NOT NULL,
    local_hash bytea NOT NULL CHECK (octet_length(local_hash) = 32),
    remote_hash bytea NOT NULL CHECK (octet_length(remote_hash) = 32),
    -- No foreign key: it outlives its run.
    run_id uuid NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (article_id, kind, local_hash, remote_hash)
);

-- What a run did, article by article. One whose name could not be read has none.
CREATE TABLE knowledge_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL REFERENCES knowledge_runs ON DELETE CASCADE,
    article_id text,
    change text NOT NULL
        CHECK (change IN ('added', 'updated', 'metadata', 'left_out', 'gone', 'conflict', 'flawed', 'failed')),
    detail json,
    at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (run_id, article_id, change)
);
CREATE INDEX knowledge_changes_run ON knowledge_changes (run_id, id);

-- What the listings of a run named. Logged: after a crash an unlogged table would be empty, and everything would look gone.
CREATE TABLE knowledge_seen (
    run_id uuid NOT NULL REFERENCES knowledge_runs ON DELETE CASCADE,
    article_id text NOT NULL,
    pass smallint NOT NULL,
    PRIMARY KEY (run_id, article_id, pass)
);
