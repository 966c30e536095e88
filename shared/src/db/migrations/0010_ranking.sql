-- Who orders the snippets of a session, and which order the agent sees.
CREATE TABLE ranking_sessions (
    session_id text PRIMARY KEY,
    -- The newest order that was accepted, and the newest that CXone confirmed.
    version bigint NOT NULL,
    posted_version bigint NOT NULL DEFAULT 0,
    -- Whether the agent may see something else than the newest order. True from its acceptance to its confirmation.
    unsure boolean NOT NULL DEFAULT true,
    -- Until then an older order may still arrive, of which nobody knows what became.
    doubt_until timestamptz,
    -- Who posts: one at a time, by this clock. Each has another name, so that whoever lost the right writes nothing.
    poster uuid,
    poster_until timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now()
);
-- Else the planner's statistics keep samples of names that were erased.
ALTER TABLE ranking_sessions ALTER COLUMN session_id SET STATISTICS 0;
CREATE INDEX ranking_sessions_unsure ON ranking_sessions (updated_at) WHERE unsure;
CREATE INDEX ranking_sessions_updated ON ranking_sessions (updated_at);

-- Every order that was accepted, and what became of it.
CREATE TABLE ranking_orders (
    session_id text NOT NULL,
    version bigint NOT NULL,
    -- A repeat under the same key gets the same answer.
    idempotency_key text,
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'posted', 'superseded', 'failed', 'locked', 'unknown')),
    -- What was to be posted, byte for byte.
    ranking json NOT NULL,
    -- What was learned of its snippets.
    learning json NOT NULL,
    callback_url text,
    -- What the audit says of its end, and what whoever asked was told if it failed.
    audit json,
    status smallint,
    problem json,
    latency_ms real,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (session_id, version),
    UNIQUE (session_id, idempotency_key)
);
ALTER TABLE ranking_orders ALTER COLUMN session_id SET STATISTICS 0, ALTER COLUMN ranking SET STATISTICS 0,
    ALTER COLUMN learning SET STATISTICS 0, ALTER COLUMN idempotency_key SET STATISTICS 0, ALTER COLUMN callback_url SET STATISTICS 0;
CREATE INDEX ranking_orders_created ON ranking_orders (created_at);
CREATE INDEX ranking_orders_waiting ON ranking_orders (created_at) WHERE state = 'waiting';

-- What agents were shown, and where it stood. Cards are shown in an interaction, whose name then stands for the session.
CREATE TABLE assist_impressions (
    session_id text NOT NULL,
    snippet_id text NOT NULL,
    position smallint NOT NULL CHECK (position BETWEEN 1 AND 50),
    source text NOT NULL CHECK (source IN ('card', 'ranking')),
    score real,
    detail json,
    state text NOT NULL DEFAULT 'shown' CHECK (state IN ('shown', 'pending', 'unknown')),
    shown_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (session_id, snippet_id, position, source)
);
ALTER TABLE assist_impressions ALTER COLUMN session_id SET STATISTICS 0, ALTER COLUMN detail SET STATISTICS 0;
CREATE INDEX assist_impressions_shown ON assist_impressions (shown_at);

-- What agents did with it.
CREATE TABLE assist_clicks (
    session_id text NOT NULL,
    snippet_id text NOT NULL,
    position smallint NOT NULL CHECK (position BETWEEN 1 AND 50),
    action text NOT NULL CHECK (action IN ('click', 'copy', 'insert', 'dismiss')),
    -- Whether we know that it was shown there.
    known boolean NOT NULL,
    clicked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (session_id, snippet_id, position, action)
);
ALTER TABLE assist_clicks ALTER COLUMN session_id SET STATISTICS 0;
CREATE INDEX assist_clicks_clicked ON assist_clicks (clicked_at);

-- What was learned from both.
CREATE TABLE snippet_boosts (
    snippet_id text PRIMARY KEY,
    boost double precision NOT NULL,
    explanation json NOT NULL,
    computed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX snippet_boosts_computed ON snippet_boosts (computed_at);
