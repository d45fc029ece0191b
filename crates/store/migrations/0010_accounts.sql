-- People, how they prove who they are, and programs that act for them.
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Lower case; what one signs in with.
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT,
    role TEXT NOT NULL,
    -- A PHC string; none until a password is set.
    password TEXT,
    -- Base32; none without a second factor.
    totp TEXT,
    -- The last time step whose code was used: no code counts twice.
    totp_step INTEGER NOT NULL DEFAULT 0,
    -- Who this is at the identity provider, if anybody.
    subject TEXT UNIQUE,
    disabled INTEGER NOT NULL DEFAULT 0,
    created TEXT NOT NULL,
    last_sign_in TEXT
) STRICT;

-- Of secrets only the SHA-256 is kept, in this and the following tables.
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    secret BLOB NOT NULL UNIQUE,
    user INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    expires TEXT NOT NULL,
    -- How the browser calls itself, cut short.
    agent TEXT NOT NULL,
    address TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    secret BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    owner INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Words, separated by spaces.
    scopes TEXT NOT NULL,
    created TEXT NOT NULL,
    expires TEXT,
    last_used TEXT,
    revoked TEXT
) STRICT;
CREATE INDEX tokens_owner ON tokens (owner);

-- Links that sign somebody in once, to set a password.
CREATE TABLE links (
    secret BLOB PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created TEXT NOT NULL,
    expires TEXT NOT NULL,
    used TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX links_user ON links (user);

-- Sign-ins that failed, by what was tried: an account or an address.
CREATE TABLE attempts (
    who TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX attempts_who ON attempts (who, at);
CREATE INDEX attempts_at ON attempts (at);

-- Requests that are to count once, and what was answered; no status while it is being worked on.
CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    digest BLOB NOT NULL,
    status INTEGER,
    body TEXT,
    expires TEXT NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_expires ON idempotency (expires);
