//! Every rule of the catalogue shows well in every format.

use stance::output::{Format, ScanReport, Style};
use stance_core::{AssetId, AssetKind, Evidence};

use super::{fixture, render};

/// One finding of each rule.
fn one_of_each() -> ScanReport {
    let asset = AssetId::new(AssetKind::Application, "demo");
    let findings = stance_rules::all()
        .map(|entry| {
            let evidence = Evidence::file("a.py");
            fixture::finding(
                entry.meta.id,
                entry.meta.severity,
                &asset,
                evidence,
                "it is so",
            )
        })
        .collect();
    fixture::report(Vec::new(), Vec::new(), findings)
}

#[test]
fn sarif_has_the_help_of_every_rule() {
    let log: serde_json::Value =
        serde_json::from_str(&render(Format::Sarif, &one_of_each(), Style::default())).unwrap();
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), stance_rules::all().count());
    for entry in stance_rules::all() {
        let rule = rules
            .iter()
            .find(|rule| rule["id"] == entry.meta.id)
            .unwrap();
        let doc = entry.meta.doc();
        assert_eq!(rule["shortDescription"]["text"], doc.title);
        assert_eq!(rule["help"]["markdown"], doc.markdown());
        let score: f64 = rule["properties"]["security-severity"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((0.0..=10.0).contains(&score));
        for relationship in rule["relationships"].as_array().unwrap() {
            let target = &relationship["target"];
            let index =
                usize::try_from(target["toolComponent"]["index"].as_u64().unwrap()).unwrap();
            let taxonomy = &run["taxonomies"][index];
            assert_eq!(taxonomy["name"], target["toolComponent"]["name"]);
            let taxa = taxonomy["taxa"].as_array().unwrap();
            assert!(taxa.iter().any(|taxon| taxon["id"] == target["id"]));
        }
    }
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
}

#[test]
fn text_and_json_say_what_to_do() {
    let report = one_of_each();
    let verbose = Style {
        verbose: 1,
        width: 10_000,
        ..Style::default()
    };
    let text = render(Format::Text, &report, verbose);
    let json: serde_json::Value =
        serde_json::from_str(&render(Format::JsonV1, &report, verbose)).unwrap();
    for (block, finding) in text
        .split("\n\n")
        .skip(1)
        .zip(json["findings"].as_array().unwrap())
    {
        let rule = finding["rule"].as_str().unwrap();
        assert!(block.contains(&format!("[{rule}]")), "{block}");
        assert!(block.contains(&format!("`stance explain {rule}` or docs/rules/{rule}.md")));
        let fix = finding["fix"].as_str().unwrap();
        assert!(
            !fix.is_empty() && block.contains(&format!("= help: {fix}")),
            "{block}"
        );
        let meta = &stance_rules::find(rule).unwrap().meta;
        assert_eq!(
            finding["controls"].as_array().unwrap().len(),
            meta.controls.len()
        );
    }
}
