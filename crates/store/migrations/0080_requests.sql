-- What somebody asks for and somebody else decides has the same columns everywhere, can lapse before anybody decided, and
-- can be asked for again (`renews` is the one before). SQLite changes no CHECK of a table that is there, so the three
-- are made anew; numbers stay.
CREATE TEMP TABLE old_waived AS SELECT * FROM waived;
CREATE TEMP TABLE old_waiver AS SELECT * FROM waiver;
CREATE TEMP TABLE old_attestation AS SELECT * FROM attestation;
CREATE TEMP TABLE old_expected AS SELECT * FROM expected_change;
DROP TABLE waived;
DROP TABLE waiver;
DROP TABLE attestation;
DROP TABLE expected_change;

CREATE TABLE waiver (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    reason    TEXT NOT NULL,
    requester TEXT NOT NULL,
    requested INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('requested', 'approved', 'rejected', 'withdrawn', 'lapsed', 'expired')),
    decider   TEXT,
    decided   INTEGER,
    note      TEXT,
    renews    INTEGER REFERENCES waiver (id)
) STRICT;
INSERT INTO waiver SELECT *, NULL FROM old_waiver;
CREATE INDEX waiver_by_state ON waiver (state, expires);
CREATE INDEX waiver_renews ON waiver (renews) WHERE renews IS NOT NULL;
CREATE TABLE waived (
    waiver  INTEGER NOT NULL REFERENCES waiver (id),
    finding INTEGER NOT NULL REFERENCES finding (id),
    PRIMARY KEY (waiver, finding)
) STRICT, WITHOUT ROWID;
INSERT INTO waived SELECT * FROM old_waived;
CREATE INDEX waived_finding ON waived (finding);
-- What ran out before anybody decided was called expired until now.
UPDATE waiver SET state = 'lapsed' WHERE state = 'expired' AND decider IS NULL;

CREATE TABLE attestation (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    -- `framework:id`.
    control   TEXT NOT NULL,
    -- met, not_applicable
    claim     TEXT NOT NULL CHECK (claim IN ('met', 'not_applicable')),
    reason    TEXT NOT NULL,
    -- Address of what proves it.
    evidence  TEXT,
    requester TEXT NOT NULL,
    requested INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('requested', 'approved', 'rejected', 'withdrawn', 'lapsed')),
    decider   TEXT,
    decided   INTEGER,
    note      TEXT,
    renews    INTEGER REFERENCES attestation (id)
) STRICT;
INSERT INTO attestation SELECT *, NULL FROM old_attestation;
CREATE INDEX attestation_of ON attestation (control, id);
CREATE INDEX attestation_by_state ON attestation (state, expires, id);
CREATE INDEX attestation_renews ON attestation (renews) WHERE renews IS NOT NULL;

CREATE TABLE expected_change (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    source    INTEGER REFERENCES source (id),
    -- Glob over the id of the asset, and name of the field or `*`.
    asset     TEXT NOT NULL,
    field     TEXT NOT NULL,
    reason    TEXT NOT NULL,
    requester TEXT NOT NULL,
    -- NULL where it was announced before this was kept; the audit log tells.
    requested INTEGER,
    opens     INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('requested', 'approved', 'rejected', 'withdrawn', 'lapsed')),
    decider   TEXT,
    decided   INTEGER,
    note      TEXT,
    renews    INTEGER REFERENCES expected_change (id)
) STRICT;
INSERT INTO expected_change (id, source, asset, field, reason, requester, opens, expires, state, decider)
SELECT id, source, asset, field, reason, requester, opens, closes, state, approver FROM old_expected;
CREATE INDEX expected_change_by_state ON expected_change (state, expires);
CREATE INDEX expected_change_renews ON expected_change (renews) WHERE renews IS NOT NULL;

DROP TABLE old_waived;
DROP TABLE old_waiver;
DROP TABLE old_attestation;
DROP TABLE old_expected;
