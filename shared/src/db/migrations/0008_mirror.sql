-- Documents whose copy in Elasticsearch may not be what they are here, where there is such a copy. What is to be done follows from the
-- document as it is when the row is worked on: it is indexed, or, if it is gone, removed.
CREATE SEQUENCE knowledge_mirror_changes;
CREATE TABLE knowledge_mirror (
    article_id text NOT NULL,
    locale text NOT NULL,
    -- Another number with every change: what was sent of an earlier state does not settle a later one.
    change bigint NOT NULL DEFAULT nextval('knowledge_mirror_changes'),
    -- Since when the copy is not what it should be.
    waiting_since timestamptz NOT NULL DEFAULT now(),
    tries int NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    -- Why it is not tried again until the document changes.
    set_aside text,
    PRIMARY KEY (article_id, locale)
);
CREATE INDEX knowledge_mirror_due ON knowledge_mirror (next_try_at) WHERE set_aside IS NULL;
