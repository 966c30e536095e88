-- How far assist is with a live interaction, and what it remembers of it: what was said last, and when there were cards.
CREATE TABLE assist_interactions (
    interaction_id text PRIMARY KEY,
    -- The last utterance that was worked on. One that is not beyond it had its effect.
    sequence bigint NOT NULL,
    state json NOT NULL,
    -- CXone takes no more cards.
    ended_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now()
);
-- Else the planner's statistics keep samples of names, and of words, that were erased.
ALTER TABLE assist_interactions ALTER COLUMN interaction_id SET STATISTICS 0, ALTER COLUMN state SET STATISTICS 0;
CREATE INDEX assist_interactions_updated ON assist_interactions (updated_at);
-- Cards of which nobody knows yet whether they are shown.
CREATE INDEX assist_impressions_pending ON assist_impressions (shown_at) WHERE state = 'pending';
-- An article is shown once in an interaction, whoever writes.
CREATE UNIQUE INDEX assist_impressions_card ON assist_impressions (session_id, snippet_id) WHERE source = 'card';
