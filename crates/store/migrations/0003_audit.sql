-- The audit log: a hash chain that only grows, and the Merkle tree over it.

CREATE TABLE audit_log (
    -- From 1, without gaps.
    seq         INTEGER PRIMARY KEY,
    -- Milliseconds since 1970 in UTC, as the clock of the machine said.
    at          INTEGER NOT NULL,
    actor_kind  TEXT NOT NULL CHECK (actor_kind IN ('person', 'token', 'system')),
    actor_id    TEXT NOT NULL,
    actor_name  TEXT NOT NULL,
    action      TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id   TEXT NOT NULL,
    -- Canonical JSON (RFC 8785).
    detail      TEXT NOT NULL,
    -- SHA-256 of the entry before; zeros for the first.
    previous    BLOB NOT NULL CHECK (length(previous) = 32),
    -- SHA-256 of this entry.
    hash        BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX audit_log_of_actor ON audit_log (actor_id);
CREATE INDEX audit_log_of_action ON audit_log (action);
CREATE INDEX audit_log_of_object ON audit_log (object_id, object_kind);
CREATE INDEX audit_log_by_time ON audit_log (at);

-- Complete subtrees of the Merkle tree (RFC 6962) of the levels 8, 16, 24 and so on; what lies between is worked out
-- from at most 256 of the level below.
CREATE TABLE audit_nodes (
    level    INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hash     BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;

-- What the next entry builds on, so that appending needs no other row.
CREATE TABLE audit_head (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    -- Names this log among all others.
    origin   TEXT NOT NULL,
    size     INTEGER NOT NULL,
    -- Hash of the last entry; zeros before the first.
    last     BLOB NOT NULL CHECK (length(last) = 32),
    -- The right edge of the tree: 32 bytes for each set bit of the size.
    frontier BLOB NOT NULL
) STRICT;

INSERT INTO audit_head (id, origin, size, last, frontier)
VALUES (1, 'stance/audit/' || lower(hex(randomblob(16))), 0, zeroblob(32), x'');

-- Signed statements about the log at some size.
CREATE TABLE audit_checkpoints (
    size INTEGER PRIMARY KEY,
    -- When it was signed, in milliseconds since 1970; the signature does not cover this.
    at   INTEGER NOT NULL,
    -- A signed note with origin, size and root.
    note TEXT NOT NULL
) STRICT;

-- Mistakes end here. Whoever can drop a trigger is found by verification.
CREATE TRIGGER audit_log_is_never_changed BEFORE UPDATE ON audit_log
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_log_is_never_shortened BEFORE DELETE ON audit_log
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_nodes_are_never_changed BEFORE UPDATE ON audit_nodes
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_nodes_are_never_removed BEFORE DELETE ON audit_nodes
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_checkpoints_are_never_changed BEFORE UPDATE ON audit_checkpoints
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_checkpoints_are_never_removed BEFORE DELETE ON audit_checkpoints
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_head_only_grows BEFORE UPDATE ON audit_head
WHEN new.size < old.size OR new.origin <> old.origin
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_head_is_never_removed BEFORE DELETE ON audit_head
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
