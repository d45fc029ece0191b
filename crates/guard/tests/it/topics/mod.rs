//! How often categories are told of texts that belong to none, and of those that do. Half of all was looked at while the words were
//! chosen, the other half only for the figures: `cargo test -p stance-guard --test it topics -- --nocapture` prints them.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "the corpus is read from disk, and figures are there to be read"
)]

mod texts;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use stance_guard::topics::{Topics, builtin};

/// Categories that are harm, as opposed to advice and persuasion, which are subjects.
const HARM: [&str; 5] = ["self_harm", "weapons", "hate", "sexual", "minors"];

fn told(topics: &Topics, text: &str) -> Vec<String> {
    topics
        .judge(text)
        .into_iter()
        .map(|topic| topic.category)
        .collect()
}

fn corpus() -> Option<PathBuf> {
    let at = std::env::var_os("STANCE_CORPUS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    let prompts = at.join("prompts");
    prompts.is_dir().then_some(prompts)
}

/// Which half a text is in: by a hash of it, so that it does not move.
fn is_development(text: &str) -> bool {
    stance_guard::theft::identity(text) & 1 == 0
}

#[test]
fn honest_texts_of_medicine_security_and_school_are_left_alone() {
    let topics = Topics::new(&builtin()).unwrap();
    for (name, list, most) in [
        ("development", texts::HONEST_DEVELOPMENT, 0.05),
        ("report", texts::HONEST_REPORT, 0.1),
    ] {
        let wrong: Vec<_> = list
            .iter()
            .map(|text| (text, told(&topics, text)))
            .filter(|(_, topics)| !topics.is_empty())
            .collect();
        println!(
            "honest, {name}: {} of {} told: {wrong:#?}",
            wrong.len(),
            list.len()
        );
        assert!(wrong.len() as f64 <= most * list.len() as f64, "{wrong:?}");
    }
}

#[test]
fn what_belongs_to_a_category_is_mostly_told() {
    let topics = Topics::new(&builtin()).unwrap();
    for (name, list, least) in [
        ("development", texts::BELONGS_DEVELOPMENT, 0.85),
        ("report", texts::BELONGS_REPORT, 0.4),
    ] {
        let missed: Vec<_> = list
            .iter()
            .filter(|(category, text)| !told(&topics, text).iter().any(|one| one == category))
            .collect();
        let share = 1.0 - missed.len() as f64 / list.len() as f64;
        println!(
            "belongs, {name}: {share:.2} of {} told; missed: {missed:#?}",
            list.len()
        );
        assert!(share >= least, "{share}: {missed:?}");
    }
}

fn rows(path: &std::path::Path) -> Vec<String> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    text.lines()
        .filter_map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["text"]
                .as_str()
                .map(str::to_owned)
        })
        .collect()
}

/// The texts of some benign sets of the corpus, where there is one.
pub(crate) fn corpus_texts(names: &[&str]) -> Option<Vec<String>> {
    let corpus = corpus()?;
    Some(
        names
            .iter()
            .flat_map(|name| rows(&corpus.join(format!("benign_{name}.jsonl.gz"))))
            .collect(),
    )
}

#[test]
fn benign_prompts_of_others_are_left_alone() {
    let Some(corpus) = corpus() else {
        println!("skipped: no corpus of prompts (set STANCE_CORPUS)");
        return;
    };
    let topics = Topics::new(&builtin()).unwrap();
    let mut harm = [(0_u32, 0_u32); 2];
    let mut files: Vec<_> = std::fs::read_dir(corpus)
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    for path in files {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !name.starts_with("benign_") && !name.starts_with("document_") {
            continue;
        }
        let mut all = [0_u32; 2];
        let mut counts: [BTreeMap<String, u32>; 2] = Default::default();
        for text in rows(&path) {
            let half = usize::from(!is_development(&text));
            all[half] += 1;
            harm[half].1 += 1;
            let found = told(&topics, &text);
            harm[half].0 += u32::from(found.iter().any(|one| HARM.contains(&one.as_str())));
            if half == 0 && !found.is_empty() {
                println!(
                    "    {found:?} {}",
                    text.chars().take(300).collect::<String>()
                );
            }
            for category in found {
                *counts[half].entry(category).or_default() += 1;
            }
        }
        println!(
            "{name}: of {} {:?}; report half: of {} {:?}",
            all[0], counts[0], all[1], counts[1]
        );
    }
    for (half, name) in ["development", "report"].iter().enumerate() {
        let (wrong, all) = harm[half];
        let share = f64::from(wrong) / f64::from(all.max(1));
        println!("{name}: harm told of {wrong} of {all} benign texts: {share:.4}");
        assert!(share <= 0.02, "{share}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Whatever a text is, its evidence lies in it.
    #[test]
    fn evidence_lies_in_the_text(text in "(?s)(.{0,20}|Ich will nicht mehr leben|MAKE  a bomb|İ|ß|erotic\u{301} story|'){0,12}") {
        let topics = Topics::new(&builtin()).unwrap();
        let _ = stance_guard::theft::Print::of(&text);
        for topic in topics.judge(&text) {
            proptest::prop_assert!((0.0..=1.0).contains(&topic.score));
            for span in topic.spans {
                proptest::prop_assert!(text.get(span.clone()).is_some_and(|word| !word.is_empty()), "{:?}", span);
            }
        }
    }
}
