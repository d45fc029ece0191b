//! Whether what triggers keep in step is in step, and whether it is noticed when it is not.

use stance_store::Estate as _;

use crate::fixture::finding;
use crate::sqlite::InFile;
use crate::suite::estates::{Estates, Told, agent};

fn told<const N: usize>(numbers: [u32; N]) -> Told {
    let mut told = agent();
    let asset = told.findings[0].asset.clone();
    told.findings = numbers.map(finding).into_iter().collect();
    for finding in &mut told.findings {
        finding.asset = asset.clone();
    }
    told
}

/// Two sources; the first one fixed something.
fn busy() -> Estates<InFile> {
    let mut estates = Estates::new();
    estates.tell(1, 1, &told([1, 2, 3]));
    estates.tell(2, 1, &told([4]));
    estates.tell(1, 2, &told([2, 3]));
    estates
}

#[test]
fn an_estate_that_sources_told_adds_up() {
    let estates = busy();
    assert!(estates.store.tally().unwrap().all_assets() > 0);
    assert_eq!(estates.store.sums().unwrap(), Vec::<String>::new());
}

#[test]
fn each_thing_that_does_not_fit_is_told() {
    for (change, told) in [
        (
            "UPDATE tally SET value = value + 1 WHERE name = 'finding:3'",
            "the sum finding:3 says 4 and is 3",
        ),
        (
            "DELETE FROM tally WHERE name = 'importance'",
            "the sum importance",
        ),
        (
            "INSERT INTO tally VALUES ('asset:volcano', 1)",
            "the sum asset:volcano says 1 and is 0",
        ),
        (
            "UPDATE finding_group SET findings = 9 WHERE dimension = 'rule'",
            "says 9 findings and has 3",
        ),
        (
            "UPDATE finding_group SET gives_back = gives_back + 1 WHERE dimension = 'owner'",
            "the group owner",
        ),
        (
            "UPDATE asset SET high = high + 1 WHERE high > 0",
            "does not count its open findings",
        ),
        (
            "UPDATE sighting SET present = 0 WHERE id = (SELECT min(id) FROM sighting WHERE present)",
            "does not count the sources",
        ),
        (
            "UPDATE finding SET owner = 'nobody' WHERE id = (SELECT min(id) FROM finding)",
            "does not say what asset",
        ),
        ("DELETE FROM transition", "has no history"),
        (
            "UPDATE traffic_state SET rows = 2",
            "the count of interactions says 2 and is 0",
        ),
        (
            "INSERT INTO interaction (key, id, teller, decision, calls, unjudged, failed) VALUES (5, 'x', 0, 0, 0, 0, 0)",
            "interaction 5 has no detail",
        ),
        (
            "INSERT INTO waiver (reason, requester, requested, expires, state) VALUES ('', '', 0, 0, 'requested')",
            "is about nothing",
        ),
        (
            "INSERT INTO run (source, cause, state, queued) VALUES (1, 'push', 'queued', 0)",
            "nothing works on it",
        ),
        (
            "INSERT INTO job (kind, body, state, priority, run_at, decided, max_attempts, backoff, created)
             VALUES ('scan', '{}', 'running', 0, 0, 0, 1, 0, 0)",
            "is running and says something else",
        ),
        (
            "PRAGMA foreign_keys = OFF; INSERT INTO transition (finding, at, state) VALUES (999, 0, 'open')",
            "points into finding at nothing",
        ),
    ] {
        let estates = busy();
        estates.place.raw().execute_batch(change).unwrap();
        let wrong = estates.store.sums().unwrap();
        assert!(
            wrong.iter().any(|one| one.contains(told)),
            "{change}: {wrong:?}"
        );
    }
}
