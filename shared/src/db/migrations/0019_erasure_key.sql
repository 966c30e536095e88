-- Under which key erased conversations are remembered: the name that a fixed word has under it, kept by whoever comes first. Under another
-- key what was erased could come back, so that whoever brings one is refused.
CREATE TABLE erasure_key (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    mark bytea NOT NULL CHECK (octet_length(mark) = 32),
    kept_at timestamptz NOT NULL DEFAULT now()
);
