-- How many things each rule judged in the last look at a source, good ones included. A rule without a row was off, or the
-- source does not tell.
CREATE TABLE judged (
    rule     TEXT NOT NULL,
    source   INTEGER NOT NULL REFERENCES source (id),
    subjects INTEGER NOT NULL,
    PRIMARY KEY (rule, source)
) STRICT, WITHOUT ROWID;
-- How much the last look left out that nobody decided to leave out.
ALTER TABLE source ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0;

-- A person's word that a control is met, or does not concern the organisation, until a time; it holds once somebody
-- else approved it.
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
    state     TEXT NOT NULL CHECK (state IN ('requested', 'approved', 'rejected', 'withdrawn')),
    decider   TEXT,
    decided   INTEGER,
    note      TEXT
) STRICT;
CREATE INDEX attestation_of ON attestation (control, id);
CREATE INDEX attestation_by_state ON attestation (state, expires, id);
