-- What was imported, file by file.
CREATE TABLE import (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    file TEXT NOT NULL UNIQUE,
    at_ms INTEGER NOT NULL,
    records INTEGER NOT NULL,
    newest TEXT
) STRICT;

-- One record of one source; its body is JSON.
CREATE TABLE advisory (
    row INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (id, source)
) STRICT;

-- Every number a record goes by elsewhere.
CREATE TABLE alias (
    alias TEXT NOT NULL,
    row INTEGER NOT NULL REFERENCES advisory ON DELETE CASCADE,
    PRIMARY KEY (alias, row)
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_of ON alias (row);

-- The packages a record is about: a purl type and a normalised name.
CREATE TABLE affected (
    ecosystem TEXT NOT NULL,
    name TEXT NOT NULL,
    row INTEGER NOT NULL REFERENCES advisory ON DELETE CASCADE,
    PRIMARY KEY (ecosystem, name, row)
) STRICT, WITHOUT ROWID;
CREATE INDEX affected_of ON affected (row);

-- How urgent a flaw is, by CVE number.
CREATE TABLE signal (
    id TEXT PRIMARY KEY,
    exploited INTEGER NOT NULL DEFAULT 0,
    likelihood REAL
) STRICT, WITHOUT ROWID;
