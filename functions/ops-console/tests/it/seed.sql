-- A busy day: what agents were shown and used, orders, batches of texts, transcripts, runs of the knowledge sync.
INSERT INTO assist_impressions (session_id, snippet_id, position, source, state, shown_at)
    SELECT 's-' || n, 'a-' || p, p, 'card', 'shown', now() - n * interval '7 minutes'
    FROM generate_series(1, 150) AS n, generate_series(1, 3) AS p WHERE n % p = 0;
INSERT INTO assist_impressions (session_id, snippet_id, position, source, state, shown_at)
    SELECT 'r-' || n, 'kb-' || p, p, 'ranking', CASE WHEN n % 50 = 0 THEN 'pending' ELSE 'shown' END, now() - n * interval '11 minutes'
    FROM generate_series(1, 100) AS n, generate_series(1, 5) AS p;
INSERT INTO assist_clicks (session_id, snippet_id, position, action, known, clicked_at)
    SELECT session_id, snippet_id, position, CASE WHEN position = 3 THEN 'dismiss' ELSE 'click' END, true, shown_at + interval '1 minute'
    FROM assist_impressions WHERE ('x' || substr(md5(session_id || snippet_id), 1, 4))::bit(16)::int % (2 + position) = 0;
INSERT INTO ranking_orders (session_id, version, request_hash, state, ranking, learning, created_at)
    SELECT 'r-' || n, 1, sha256('o'), CASE WHEN n % 40 = 0 THEN 'failed' WHEN n % 9 = 0 THEN 'superseded' ELSE 'posted' END, '{}', '{}',
        now() - n * interval '11 minutes'
    FROM generate_series(1, 100) AS n;
INSERT INTO embedding_models (provider, name, dimensions, active) VALUES ('openai', 'text-embedding-3-small', 1536, true);
INSERT INTO embedding_batches (at, model_id, texts, refused, failed, tokens, duration_ms)
    SELECT now() - n * interval '97 seconds', (SELECT min(id) FROM embedding_models), 40 + n % 60, (n % 211 = 0)::int, 0, 9000 + n * 7,
        180 + 60 * sin(n / 40.0) + (n * 37 % 101) * 2
    FROM generate_series(1, 800) AS n;
INSERT INTO transcripts (id, part, parts, interaction_id, subject_mac, request_hash, payload, messages, state, conversation_id, reason,
        created_at, ended_at)
    SELECT gen_random_uuid(), 1, 1, 'i-' || n, sha256('i'), sha256('t'), CASE WHEN n > 12 THEN NULL ELSE '{}'::bytea END, 8,
        CASE WHEN n > 12 THEN 'injected' WHEN n > 9 THEN 'refused' WHEN n > 8 THEN 'dead' ELSE 'pending' END,
        CASE WHEN n > 12 THEN 'cv-' || n END, CASE WHEN n BETWEEN 9 AND 12 THEN 'the channel is closed' END,
        now() - n * interval '1 minute', CASE WHEN n > 8 THEN now() - n * interval '30 seconds' END
    FROM generate_series(1, 240) AS n;
INSERT INTO knowledge_articles (id, state, modified_at, content_hash, rendered_as)
    SELECT 'a-' || n, CASE WHEN n % 9 = 0 THEN 'left_out' ELSE 'live' END, now(), sha256('ours'), '' FROM generate_series(1, 640) AS n;
UPDATE knowledge_sync SET watermark = now() - interval '6 minutes';
INSERT INTO knowledge_runs (id, kind, state, accept_removals, requested_at, started_at, finished_at, counts)
    SELECT gen_random_uuid(), CASE WHEN n = 5 THEN 'reconcile' ELSE 'incremental' END, CASE WHEN n = 3 THEN 'failed' ELSE 'done' END, false,
        now() - n * interval '15 minutes', now() - n * interval '15 minutes', now() - n * interval '15 minutes' + n * interval '1.7 seconds',
        json_build_object('listed', 20, 'added', n % 3, 'updated', n, 'metadata', 1, 'gone', n % 2)
    FROM generate_series(1, 6) AS n;
INSERT INTO knowledge_conflicts (article_id, kind, policy, local, remote, local_hash, remote_hash, run_id)
    VALUES ('a-1', 'same_date', 'skip', '{}', '{}', sha256('ours'), sha256('theirs'), gen_random_uuid());
INSERT INTO knowledge_links (url_hash, url, state, status)
    SELECT sha256(('u' || n)::bytea), 'https://cups.example/' || n, CASE WHEN n % 10 = 0 THEN 'broken' ELSE 'fine' END, 404
    FROM generate_series(1, 40) AS n;
