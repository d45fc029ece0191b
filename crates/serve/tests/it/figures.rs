//! The figures for Prometheus: what they cover, and that they are in the form and by the names that its tools want.
#![cfg(unix)]

use std::collections::{BTreeMap, BTreeSet};

use stance_store::accounts::Role;

use crate::harness::Client;
use crate::jobs::{DOCUMENT, eventually, start};

#[test]
fn figures_cover_requests_jobs_ingestion_database_log_and_estate() {
    let server = start("exit 9");
    server.user("root", Role::Admin);
    let mut pipeline = Client::with_token(&server.url, &server.token("root", &["ingest"]));
    for new in ["true", "false"] {
        let answer = pipeline.send(
            "POST",
            "/api/v1/ingest?source=ci&wait=true",
            &[("content-type", "application/json")],
            DOCUMENT.as_bytes().to_vec(),
        );
        assert_eq!(answer.json()["new"].to_string(), new, "{}", answer.text);
    }
    let mut prometheus = Client::with_token(&server.url, &server.token("root", &["metrics:read"]));
    let text = eventually("the job is not counted", || {
        let text = prometheus.get("/metrics").text;
        text.contains("stance_job_tries_total{kind=\"ingest\",outcome=\"done\"} 1")
            .then_some(text)
    });
    let bytes = DOCUMENT.len() * 2;
    for line in [
        "stance_requests_total{method=\"POST\",route=\"/api/v1/ingest\",status=\"200\"} 2",
        "stance_job_duration_seconds_count{kind=\"ingest\"} 1",
        "stance_ingest_documents_total 1",
        "stance_ingest_repeated_total 1",
        &format!("stance_ingest_bytes_total {bytes}"),
        "stance_sources 1",
        "stance_assets{kind=\"model\"} 1",
        "stance_findings_open{severity=\"critical\"} 1",
        "stance_findings_open{severity=\"info\"} 0",
        "stance_runs{state=\"running\"} 0",
    ] {
        assert!(text.lines().any(|it| it == line), "{line} in {text}");
    }
    for name in [
        "stance_database_size_bytes{file=\"database\"}",
        "stance_audit_entries",
        "stance_jobs_oldest_waiting_seconds",
        "stance_posture_score_ratio{bound=\"value\"}",
    ] {
        let line = text.lines().find(|it| it.starts_with(name));
        let value: f64 = line
            .and_then(|it| it.rsplit(' ').next()?.parse().ok())
            .unwrap_or_else(|| panic!("{name} in {text}"));
        assert!(value >= 0.0);
    }
    if cfg!(target_os = "linux") {
        assert!(text.contains("\nprocess_resident_memory_bytes "), "{text}");
    }
    well_formed(&text);
}

/// What `promtool check metrics` wants: each family once, with a help and a type; names with units; counters, and only
/// they, end with `_total`; no sample twice.
fn well_formed(text: &str) {
    let mut families: BTreeMap<&str, &str> = BTreeMap::new();
    let mut helped = BTreeSet::new();
    let mut samples = BTreeSet::new();
    let mut current = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(help.ends_with('.') && !help.contains('\n'), "{line}");
            assert!(helped.insert(name), "{name} comes twice");
            current = name;
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(name, current, "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            families.insert(name, kind);
            for odd in ["milliseconds", "_ms", "_kb", "minutes", "percent"] {
                assert!(!name.contains(odd), "{name} is not in a base unit");
            }
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap();
            value.parse::<f64>().unwrap();
            assert!(samples.insert(name), "{name} comes twice");
            let bare = name.split('{').next().unwrap();
            let fits = match families[current] {
                "histogram" => ["_bucket", "_sum", "_count"]
                    .iter()
                    .any(|end| bare.strip_suffix(end) == Some(current)),
                _ => bare == current,
            };
            assert!(fits, "{line} under {current}");
        }
    }
    assert!(families.len() > 20);
}
