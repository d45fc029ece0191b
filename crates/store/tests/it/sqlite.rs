//! SQLite in a file of its own, for the suite.

use stance_store::Sqlite;

use crate::fixture::Directory;
use crate::suite::Place;

/// A directory with a database.
pub(crate) struct InFile(Directory);

impl InFile {
    /// The database, for changes that the store does not make.
    pub(crate) fn raw(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.0.database()).unwrap()
    }
}

impl Place for InFile {
    type Store = Sqlite;

    fn new() -> Self {
        Self(Directory::new())
    }

    fn open(&self) -> Sqlite {
        Sqlite::open(&self.0.database()).unwrap()
    }

    fn is_consistent(&self) {
        let raw = rusqlite::Connection::open(self.0.database()).unwrap();
        let wrong: i64 = raw
            .query_row(
                "SELECT (SELECT count(*) FROM tally WHERE value <> CASE
                     WHEN name LIKE 'asset:%' THEN
                         (SELECT count(*) FROM asset WHERE present AND kind = substr(tally.name, 7))
                     WHEN name LIKE 'finding:%' THEN
                         (SELECT count(*) FROM finding WHERE counts AND severity = CAST(substr(tally.name, 9) AS INTEGER))
                     WHEN name = 'importance' THEN (SELECT sum(importance) FROM asset WHERE present)
                     WHEN name = 'risk' THEN (SELECT sum(risk) FROM asset WHERE present)
                     WHEN name = 'risk_known' THEN (SELECT sum(risk_known) FROM asset WHERE present)
                     WHEN name = 'risk_worst' THEN (SELECT sum(risk_worst) FROM asset WHERE present)
                     WHEN name = 'change' THEN (SELECT count(*) FROM change WHERE state = 'pending')
                 END)
                 + (SELECT count(*) FROM finding_group WHERE dimension = 'rule' AND findings <>
                     (SELECT count(*) FROM finding WHERE counts AND rule = finding_group.key AND finding.severity = finding_group.severity))
                 + (SELECT count(*) FROM finding_group WHERE dimension = 'owner' AND findings <>
                     (SELECT count(*) FROM finding WHERE counts AND coalesce(owner, '') = finding_group.key
                      AND finding.severity = finding_group.severity))
                 + (SELECT count(*) FROM finding_group WHERE dimension = 'fix' AND gives_back <>
                     (SELECT coalesce(sum(gives_back), 0) FROM finding WHERE counts AND fix = finding_group.key
                      AND finding.severity = finding_group.severity))",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(wrong, 0, "sums that are kept differ from what is there");
    }
}

crate::suite::store_suite!(sqlite, crate::sqlite::InFile);
