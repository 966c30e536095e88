-- Where recent conversations lie on the map of ops-console, worked out anew every few minutes from the vectors of one model: one row for a
-- conversation, by the last of its events. It goes with that event in the same transaction, whoever removes it.
CREATE TABLE conversation_map (
    event_id bigint PRIMARY KEY REFERENCES conversation_events ON DELETE CASCADE,
    -- The model of the vectors. Another one's map is another map.
    model_id smallint NOT NULL,
    -- A category of the configuration; nothing of what was said.
    intent text,
    x real NOT NULL CHECK (x BETWEEN -1 AND 1),
    y real NOT NULL CHECK (y BETWEEN -1 AND 1),
    drawn_at timestamptz NOT NULL DEFAULT now()
);
