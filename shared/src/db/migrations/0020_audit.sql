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
