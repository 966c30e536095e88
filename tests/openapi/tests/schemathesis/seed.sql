-- What the routes tell of: a run with a full page of lines and one more, open conflicts, broken links.
INSERT INTO knowledge_runs (id, kind, state, accept_removals, started_at, finished_at, counts, error)
    VALUES ('019bc1b6-2c40-7a3e-9d53-0a5b8f0c1d30', 'reconcile', 'held', false, now(), now(), '{"listed": 101}', 'too many would go');
INSERT INTO knowledge_changes (run_id, article_id, change, detail)
    SELECT '019bc1b6-2c40-7a3e-9d53-0a5b8f0c1d30', 'a-' || n, 'left_out', '{"status": "draft"}' FROM generate_series(1, 100) AS n;
INSERT INTO knowledge_changes (run_id, article_id, change, detail)
    VALUES ('019bc1b6-2c40-7a3e-9d53-0a5b8f0c1d30', NULL, 'flawed', NULL);
INSERT INTO knowledge_articles (id, state, modified_at, content_hash, rendered_as)
    SELECT 'a-' || n, 'live', now(), sha256('ours'), '' FROM generate_series(1, 2) AS n;
INSERT INTO knowledge_conflicts (article_id, kind, policy, local, remote, local_hash, remote_hash, run_id)
    VALUES ('a-1', 'same_date', 'take-remote', '{"version": 2}', '{"version": 1}', sha256('ours'), sha256('theirs'),
        '019bc1b6-2c40-7a3e-9d53-0a5b8f0c1d30');
INSERT INTO knowledge_links (url_hash, url, state, status, why) VALUES
    (sha256('https://lids.example/'), 'https://lids.example/', 'broken', 404, 'is not there'),
    (sha256('https://cups.example/'), 'https://cups.example/', 'broken', NULL, NULL);
INSERT INTO knowledge_article_links (article_id, url_hash)
    SELECT id, sha256('https://lids.example/') FROM knowledge_articles;
