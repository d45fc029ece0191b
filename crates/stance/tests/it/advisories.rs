//! Importing advisories, and what a scan makes of them.

use std::io::Write as _;

use crate::harness::Scratch;

/// A record about a package of PyPI that is fixed in 2.0.
fn record(id: &str, package: &str) -> String {
    format!(
        r#"{{"id": "{id}", "modified": "2026-01-01T00:00:00Z", "aliases": ["CVE-2026-1"], "summary": "It breaks",
            "severity": [{{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}],
            "affected": [{{"package": {{"ecosystem": "PyPI", "name": "{package}"}}, "ranges":
            [{{"type": "ECOSYSTEM", "events": [{{"introduced": "0"}}, {{"fixed": "2.0"}}]}}]}}]}}"#
    )
}

fn of_rule<'r>(report: &'r serde_json::Value, rule: &str) -> Vec<&'r serde_json::Value> {
    let findings = report["findings"].as_array().unwrap();
    findings
        .iter()
        .filter(|finding| finding["rule"] == rule)
        .collect()
}

#[test]
fn without_advisories_a_scan_says_what_it_did_not_look_for() {
    let scratch = Scratch::new();
    scratch.write("requirements.txt", "flask==1.0\nlangflow==1.2.0\n");
    let (_, report) = scratch.scan(&[]);
    let missing = of_rule(&report, "coverage/advisories-missing");
    let message = missing[0]["message"].as_str().unwrap();
    assert!(
        message.starts_with("no advisories imported: vulnerabilities of 2 packages"),
        "{message}"
    );
    // What comes with Stance is used all the same.
    let found = of_rule(&report, "supply-chain/vulnerable-component");
    assert_eq!(found.len(), 1);
    // A tree without packages has nothing to look for.
    let scratch = Scratch::new();
    scratch.write("README.md", "Nothing.\n");
    let (_, report) = scratch.scan(&[]);
    assert!(of_rule(&report, "coverage/advisories-missing").is_empty());
}

#[test]
fn what_was_imported_is_found_in_manifests_and_urgent_when_it_is_used() {
    let scratch = Scratch::new();
    scratch.write("requirements.txt", "Flask==1.0\n");
    let files = scratch.path().join("files");
    std::fs::create_dir(&files).unwrap();
    std::fs::write(files.join("one.json"), record("GHSA-1", "flask")).unwrap();
    std::fs::write(files.join("two.json"), record("PYSEC-1", "Flask")).unwrap();
    std::fs::write(files.join("broken.json"), "{\"id\": 1").unwrap();
    let words = ["advisories", "import", files.to_str().unwrap()];
    let run = scratch.run(&words);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("2 records; 2 new or changed"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("broken.json"), "{}", run.stdout);
    assert!(scratch.run(&words).stdout.contains("0 new or changed"));

    let (_, report) = scratch.scan(&[]);
    let found = of_rule(&report, "supply-chain/vulnerable-component");
    // Two records of one flaw are one flaw.
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0]["message"],
        "`flask` 1.0 has the published vulnerability CVE-2026-1"
    );
    assert_eq!(found[0]["severity"], "high");
    assert_eq!(found[0]["fix"], "move to flask 2.0 or later");

    let kev = scratch.path().join("kev.json");
    std::fs::write(
        &kev,
        r#"{"catalogVersion": "2026.01.02", "vulnerabilities": [{"cveID": "CVE-2026-1"}]}"#,
    )
    .unwrap();
    let epss = scratch.path().join("epss.csv.gz");
    let file = std::fs::File::create(&epss).unwrap();
    let mut table = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    table
        .write_all(b"#model_version:v1,score_date:2026-01-02T00:00:00+0000\ncve,epss,percentile\nCVE-2026-1,0.25,0.9\n")
        .unwrap();
    table.finish().unwrap();
    let run = scratch.run(&[
        "advisories",
        "import",
        kev.to_str().unwrap(),
        epss.to_str().unwrap(),
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let (code, report) = scratch.scan(&[]);
    let found = of_rule(&report, "supply-chain/vulnerable-component");
    assert_eq!(found[0]["severity"], "critical");
    let notes = found[0]["notes"][0].as_str().unwrap();
    assert!(
        notes.contains("used by attackers (KEV), EPSS 25.0 %, fixed in 2.0"),
        "{notes}"
    );
    assert_eq!(code, 1);

    let shown = scratch.run(&["advisories", "show", "CVE-2026-1"]).stdout;
    assert!(
        shown.contains("PYSEC-1") && shown.contains("exploited"),
        "{shown}"
    );
    let listed = scratch
        .run(&["advisories", "list", "pkg:pypi/flask"])
        .stdout;
    assert!(listed.contains("pkg:pypi/flask <2.0"), "{listed}");
    let status = scratch
        .run(&["advisories", "status", "--format", "json"])
        .stdout;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["ecosystems"]["pypi"], 2);
    assert_eq!(status["exploited"], 1);
}

#[test]
fn a_sandboxed_scan_knows_them_too() {
    let scratch = Scratch::new();
    scratch.write("requirements.txt", "flask==1.0\n");
    let file = scratch.path().join("one.json");
    std::fs::write(&file, record("GHSA-1", "flask")).unwrap();
    let run = scratch.run(&["advisories", "import", file.to_str().unwrap()]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = scratch.run(&["scan", ".", "--sandbox=try", "--format", "json-v1"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", run.stdout, run.stderr));
    assert_eq!(
        of_rule(&report, "supply-chain/vulnerable-component").len(),
        1
    );
}

#[test]
fn what_is_no_advisory_is_refused_and_leaves_nothing() {
    let scratch = Scratch::new();
    let file = scratch.path().join("notes.txt");
    std::fs::write(&file, "nothing of the kind").unwrap();
    let run = scratch.run(&["advisories", "import", file.to_str().unwrap()]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("cannot import"), "{}", run.stderr);
    assert!(
        scratch
            .run(&["advisories", "status"])
            .stdout
            .contains("no advisories imported")
    );
    let run = scratch.run(&["advisories", "show", "CVE-1999-0001"]);
    assert_eq!(run.code, 2);
}
