-- What was scanned, when, and what each scan found.

CREATE TABLE targets (
    id   INTEGER PRIMARY KEY,
    -- What names the target for good, such as the canonical path of a tree.
    key  TEXT NOT NULL UNIQUE,
    -- What people call it.
    name TEXT NOT NULL
) STRICT;

CREATE TABLE scans (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    target       INTEGER NOT NULL REFERENCES targets (id),
    tool_version TEXT NOT NULL,
    -- RFC 3339, UTC, milliseconds.
    started      TEXT NOT NULL,
    finished     TEXT NOT NULL,
    coverage     TEXT NOT NULL
) STRICT;

CREATE INDEX scans_of_target ON scans (target, id);

-- Assets, relations and findings as JSON, each kept once however many scans met it.
CREATE TABLE payloads (
    id      INTEGER PRIMARY KEY,
    -- Of the body.
    digest  TEXT NOT NULL UNIQUE,
    -- Digest of what counts as a change: not the line on which something stands.
    meaning TEXT NOT NULL,
    body    TEXT NOT NULL
) STRICT;

CREATE TABLE contents (
    scan     INTEGER NOT NULL REFERENCES scans (id) ON DELETE CASCADE,
    part     TEXT NOT NULL CHECK (part IN ('asset', 'relation', 'finding')),
    -- Id of the asset or finding; ends and kind of the relation.
    key      TEXT NOT NULL,
    -- Order in which the scan told it.
    position INTEGER NOT NULL,
    payload  INTEGER NOT NULL REFERENCES payloads (id),
    PRIMARY KEY (scan, part, key)
) STRICT, WITHOUT ROWID;
