-- Who is told of what, and what was sent. Times are milliseconds since 1970 in UTC.

CREATE TABLE subscription (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT NOT NULL,
    channel  TEXT NOT NULL CHECK (channel IN ('webhook', 'mail')),
    -- The address of a webhook; addresses of mail, separated by spaces. Empty once it was removed: an address may be a
    -- secret itself.
    target   TEXT NOT NULL,
    -- What the secret of a webhook is made of, with a key that is not in the database; and the SHA-256 of that secret.
    salt     BLOB,
    digest   BLOB,
    -- Names of events, separated by spaces.
    events   TEXT NOT NULL,
    -- Of findings, the least severity: 4 critical to 0 info.
    least    INTEGER NOT NULL,
    enabled  INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    revision INTEGER NOT NULL DEFAULT 0,
    created  INTEGER NOT NULL,
    removed  INTEGER
) STRICT;

-- The outbox: what is to be told to whom, written with what caused it.
CREATE TABLE notice (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    subscription INTEGER NOT NULL REFERENCES subscription (id),
    event        TEXT NOT NULL,
    -- Number of the finding, change or waiver; and the moment that makes it new: since when it is open, until when it
    -- should be done, when it expires. What is told once is not told again.
    subject      INTEGER NOT NULL,
    mark         INTEGER NOT NULL,
    severity     INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    -- The message that tells it; NULL as long as it waits. A message may be forgotten before its notices.
    delivery     INTEGER
) STRICT;
CREATE UNIQUE INDEX notice_once ON notice (subscription, event, subject, mark);
CREATE INDEX notice_waiting ON notice (subscription, event, severity DESC, id) WHERE delivery IS NULL;
CREATE INDEX notice_of_delivery ON notice (delivery) WHERE delivery IS NOT NULL;

-- Messages, and what became of them.
CREATE TABLE delivery (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    subscription INTEGER NOT NULL REFERENCES subscription (id),
    -- By which whoever gets it knows it again: the same for each try, and when it is sent again by hand.
    message      TEXT NOT NULL,
    event        TEXT NOT NULL,
    -- What is sent, as JSON; what mail says is made of it.
    body         TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed', 'cancelled')),
    -- The job that sends it, and the delivery that it repeats.
    job          INTEGER REFERENCES job (id) ON DELETE SET NULL,
    repeats      INTEGER,
    created      INTEGER NOT NULL,
    finished     INTEGER
) STRICT;
CREATE INDEX delivery_of ON delivery (subscription, id);
CREATE INDEX delivery_by_state ON delivery (state, id);
CREATE INDEX delivery_of_job ON delivery (job) WHERE job IS NOT NULL;
CREATE INDEX delivery_finished ON delivery (finished) WHERE finished IS NOT NULL;

-- Each try.
CREATE TABLE delivery_attempt (
    delivery INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    millis   INTEGER NOT NULL,
    -- What the other side answered: the status of HTTP or the code of SMTP, and how the answer begins.
    status   INTEGER,
    answer   TEXT,
    -- Why it was not taken.
    error    TEXT,
    PRIMARY KEY (delivery, number)
) STRICT, WITHOUT ROWID;

-- Findings of changes are told as changes.
CREATE TRIGGER notice_finding_insert AFTER INSERT ON finding
WHEN new.counts AND new.rule <> 'governance/unapproved-change' BEGIN
    INSERT INTO notice (subscription, event, subject, mark, severity, at)
    SELECT id, 'finding.opened', new.id, new.since, new.severity, new.since FROM subscription
    WHERE enabled AND least <= new.severity AND instr(' ' || events || ' ', ' finding.opened ') > 0
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER notice_finding_update AFTER UPDATE OF state, severity ON finding
WHEN new.counts AND new.rule <> 'governance/unapproved-change' AND (NOT old.counts OR old.severity < new.severity) BEGIN
    INSERT INTO notice (subscription, event, subject, mark, severity, at)
    SELECT id, 'finding.opened', new.id, new.since, new.severity, new.since FROM subscription
    WHERE enabled AND least <= new.severity AND (NOT old.counts OR old.severity < least)
        AND instr(' ' || events || ' ', ' finding.opened ') > 0
    ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER notice_change_insert AFTER INSERT ON change WHEN new.state = 'pending' AND new.effect = 2 BEGIN
    INSERT INTO notice (subscription, event, subject, mark, severity, at)
    SELECT id, 'change.weakening', new.id, new.at, 2, new.at FROM subscription
    WHERE enabled AND instr(' ' || events || ' ', ' change.weakening ') > 0
    ON CONFLICT DO NOTHING;
END;
