//! What a card says is told; what it leaves open is not.

use std::collections::BTreeMap;

use stance_core::fact::Fact;
use stance_read::{Bytes, Interests, Limits, Options};

fn told(content: &str) -> BTreeMap<String, String> {
    let interests = Interests::default();
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: crate::PARSERS,
    };
    let report = stance_read::scan("m/README.md", &Bytes(content.as_bytes()), &options);
    report
        .facts
        .into_iter()
        .find_map(|(_, fact)| match fact {
            Fact::Artifact(artifact) => Some(artifact.metadata.into_iter().collect()),
            _ => None,
        })
        .unwrap_or_default()
}

#[test]
fn results_of_the_index_are_told_with_their_dataset() {
    let card = "---\nlicense: mit\nmetrics:\n- accuracy\nco2_eq_emissions:\n  emissions: 12.5\nmodel-index:\n- name: reviews\n  results:\n  - task:\n      type: text-classification\n    dataset:\n      name: Letters; all\n      type: lab/letters\n    metrics:\n    - type: accuracy\n      value: 0.91\n    - type: f1\n      value: pending\n---\n# reviews\n";
    let told = told(card);
    assert_eq!(
        told.get("card.results").map(String::as_str),
        Some("accuracy=0.91 on Letters  all")
    );
    assert_eq!(told["card.co2_eq_emissions"], "12.5");
    assert_eq!(told["card.metrics"], "accuracy");
}

#[test]
fn results_in_the_text_of_a_trainer_are_told() {
    let card = "---\nlicense: mit\n---\nIt achieves the following results on the evaluation set:\n- Loss: 0.31\n- Accuracy: 91.2%\n- Note: see below\n\n- Other: 5\n";
    assert_eq!(told(card)["card.results"], "Loss=0.31; Accuracy=91.2%");
}

#[test]
fn sections_are_told_by_their_headings() {
    let card = "---\nlicense: mit\n---\n# M\n## Model description\nReads <b>letters</b> of [post](https://example.com/x).\n### Intended use\nSorting letters.\n- by *town*\n- by street\n```\nnot this\n```\n#### In detail\nBy machines.\n## Training\nOn paper.\n## Bias, Risks, and Limitations\nBad handwriting.\n<!-- a note\nover lines -->\n## Out-of-scope use\nReading other people's letters.\n";
    let told = told(card);
    assert_eq!(told["card.section.description"], "Reads letters of post.");
    assert_eq!(
        told["card.section.use_cases"],
        "Sorting letters.; by town; by street By machines."
    );
    assert_eq!(
        told["card.section.limitations"],
        "Bad handwriting. Reading other people's letters."
    );
    assert_eq!(told["card.section.risks"], "Bad handwriting.");
    assert!(!told.values().any(|text| text.contains("paper")));
}

#[test]
fn what_a_template_left_open_is_not_said() {
    let card = "---\nlicense: mit\n---\n## Intended uses & limitations\n\nMore information needed\n\n## Direct Use\n\n<!-- who -->\n\n[More Information Needed]\n";
    assert!(!told(card).keys().any(|key| key.contains("section")));
}

#[test]
fn a_long_section_is_cut_at_a_word() {
    let card = format!(
        "---\nlicense: mit\n---\n## Limitations\n{}\nmore\n",
        "wordy ".repeat(500)
    );
    let said = &told(&card)["card.section.limitations"];
    assert!(said.ends_with("wordy…"), "{said}");
    assert!(said.chars().count() <= 601);
}
