-- When a key was made is when its subject's first entry was appended: whoever holds the name under the key of tombstones found the
-- entries by it. So it goes with the key, whichever release takes that away.
CREATE FUNCTION audit_keys_fade() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.key IS NULL THEN
        NEW.made_at := 'epoch';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_keys_fade BEFORE INSERT OR UPDATE ON audit_keys FOR EACH ROW EXECUTE FUNCTION audit_keys_fade();
UPDATE audit_keys SET key = NULL WHERE key IS NULL;

-- Keeps slips away, as from entries: a key goes, and its row stays.
CREATE FUNCTION audit_keys_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'keys of the audit go by erasure only, and their rows stay' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_keys_stand BEFORE DELETE OR TRUNCATE ON audit_keys FOR EACH STATEMENT EXECUTE FUNCTION audit_keys_stand();
CREATE TRIGGER audit_keys_stay BEFORE UPDATE ON audit_keys FOR EACH ROW
    WHEN (NEW.key IS NOT NULL OR NEW.subject_mac <> OLD.subject_mac) EXECUTE FUNCTION audit_keys_stand();
