//! The figures. `cargo test -p stance-guard --test it theft -- --nocapture` prints them.
#![expect(clippy::print_stdout, reason = "figures are there to be read")]

use std::collections::BTreeMap;

use stance_guard::theft::{ALERT, Rule, Settings, Signal, Subject, Watch};

use super::attacks::{self, Attack, takeover};
use super::habits;
use super::world::{BEGIN, DAY, HOUR, Speech, Traffic};

const DAYS: i64 = 15;
const EACH: u64 = 2;

/// Honest traffic of some kinds, and which kind an identity is of.
fn honest(
    kinds: &[&'static str],
    speech: &Speech,
    days: std::ops::Range<i64>,
) -> (Traffic, BTreeMap<u64, &'static str>) {
    let mut traffic = Traffic::new();
    let mut who = BTreeMap::new();
    for (place, kind) in kinds.iter().enumerate() {
        for n in 0..EACH {
            let identity =
                1_000 + place as u64 * 10 + n + if kinds.contains(&"support") { 0 } else { 500 };
            who.insert(identity, *kind);
            habits::live(kind, identity, speech, days.clone(), &mut traffic);
        }
    }
    traffic.sort_by_key(|(at, _)| *at);
    (traffic, who)
}

struct Alarms {
    by_kind: BTreeMap<&'static str, BTreeMap<&'static str, u32>>,
    together: BTreeMap<&'static str, u32>,
    count: u32,
}

fn settings(who: &BTreeMap<u64, &'static str>, declared: bool) -> Settings {
    let mut settings = Settings::default();
    if declared {
        settings.expected = who
            .iter()
            .map(|(identity, kind)| (*identity, habits::expected(kind)))
            .collect();
    }
    settings
}

fn run_honest(kinds: &[&'static str], speech: &Speech, declared: bool) -> (Watch, Alarms) {
    let (traffic, who) = honest(kinds, speech, 0..DAYS);
    let mut watch = Watch::new(settings(&who, declared));
    let mut alarms = Alarms {
        by_kind: BTreeMap::new(),
        together: BTreeMap::new(),
        count: 0,
    };
    for (at, event) in &traffic {
        for signal in watch.observe(*at, event) {
            if signal.score < ALERT {
                continue;
            }
            alarms.count += 1;
            match signal.subject {
                Subject::Identity(identity) => {
                    *alarms
                        .by_kind
                        .entry(who[&identity])
                        .or_default()
                        .entry(signal.rule.id())
                        .or_default() += 1;
                }
                Subject::Together { .. } | Subject::Everybody => {
                    *alarms.together.entry(signal.rule.id()).or_default() += 1;
                }
            }
        }
    }
    println!(
        "  {} requests of {} identities over {DAYS} days",
        traffic.len(),
        who.len()
    );
    (watch, alarms)
}

fn about(signal: &Signal, first: u64, keys: u64) -> bool {
    let ours = first..first + keys;
    match signal.subject {
        Subject::Identity(identity) => ours.contains(&identity),
        Subject::Together { last, .. } => ours.contains(&last),
        Subject::Everybody => false,
    }
}

/// After how many queries of the attack it was seen by a rule that names it rightly.
fn run_attack(
    watch: &Watch,
    background: &Traffic,
    attack: &[(i64, stance_guard::theft::Event, bool)],
    first: u64,
    keys: u64,
    rules: &[Rule],
) -> Option<u32> {
    let mut watch = watch.clone();
    let mut all: Vec<_> = background
        .iter()
        .map(|(at, event)| (*at, *event, false))
        .chain(attack.iter().copied())
        .collect();
    all.sort_by_key(|(at, _, _)| *at);
    let mut queries = 0;
    for (at, event, ours) in &all {
        queries += u32::from(*ours);
        for signal in watch.observe(*at, event) {
            if signal.score >= ALERT && about(&signal, first, keys) && rules.contains(&signal.rule)
            {
                return Some(queries);
            }
        }
    }
    None
}

/// The share of attacks that were seen.
fn detection(
    title: &str,
    attacks: &[Attack],
    watch: &Watch,
    background: &Traffic,
    speech: &Speech,
) -> f64 {
    println!("{title}");
    let (mut seen, mut all) = (0, 0);
    for (place, attack) in attacks.iter().enumerate() {
        let mut after = Vec::new();
        for seed in 1..=3_u64 {
            let first = 9_000_000 + place as u64 * 1000 + seed * 100;
            let begin = BEGIN + DAYS * DAY + 9 * HOUR;
            let made = attack.make(first, seed, speech, begin);
            after.push(run_attack(
                watch,
                background,
                &made,
                first,
                attack.keys,
                attack.rules,
            ));
        }
        let found: Vec<u32> = after.iter().flatten().copied().collect();
        seen += found.len();
        all += after.len();
        println!(
            "  {:<10} {:>5} queries {:>5}/h noise {:.1} keys {:>2}: seen {}/{} after {:?}",
            attack.kind,
            attack.queries,
            attack.pace,
            attack.noise,
            attack.keys,
            found.len(),
            after.len(),
            found
        );
    }
    let share = seen as f64 / all as f64;
    println!("  {seen} of {all}: {share:.3}");
    share
}

fn print_alarms(title: &str, alarms: &Alarms, kinds: &[&str]) -> f64 {
    let identity_days = kinds.len() as f64 * EACH as f64 * DAYS as f64;
    println!(
        "{title}: {} alarms in {identity_days} identity-days",
        alarms.count
    );
    for (kind, rules) in &alarms.by_kind {
        println!("  {kind:<12} {rules:?}");
    }
    println!("  together     {:?}", alarms.together);
    f64::from(alarms.count) / identity_days
}

/// Shares of attacks seen, and alarms per identity-day.
struct Figures {
    seen: f64,
    open: f64,
    told: f64,
    loud: f64,
    careful: f64,
}

fn family(development: bool) -> Figures {
    let speech = Speech::of(development);
    let (name, kinds, attacks): (_, &[&'static str], _) = if development {
        ("development", &habits::DEVELOPMENT, attacks::DEVELOPMENT)
    } else {
        ("report", &habits::REPORT, attacks::REPORT)
    };
    let (watch, undeclared) = run_honest(kinds, &speech, false);
    let open = print_alarms(&format!("{name}, nothing declared"), &undeclared, kinds);
    let (_, declared) = run_honest(kinds, &speech, true);
    let told = print_alarms(
        &format!("{name}, batch jobs and shared keys declared"),
        &declared,
        kinds,
    );
    println!("  alarms per identity-day: {open:.4}; declared {told:.4}");
    let (background, _) = honest(&kinds[..3], &speech, DAYS..DAYS + 1);
    let seen = detection(
        &format!("{name}, attacks by new keys"),
        attacks,
        &watch,
        &background,
        &speech,
    );
    let (loud, careful) = stolen(name, kinds, &watch, &speech);
    Figures {
        seen,
        open,
        told,
        loud,
        careful,
    }
}

/// Stolen keys, by what their own habits tell. Gives the shares of loud and of careful ones that were seen.
fn stolen(name: &str, kinds: &[&'static str], watch: &Watch, speech: &Speech) -> (f64, f64) {
    let rules = [
        Rule::Habits,
        Rule::Rate,
        Rule::Volume,
        Rule::Refusals,
        Rule::Subjects,
        Rule::Novelty,
        Rule::Coverage,
        Rule::Distillation,
    ];
    let other = Speech::of(name != "development");
    let mut shares = [(0_u32, 0_u32); 2];
    for (loud, speech, hour, title) in [
        (true, &other, 3, "loud, at night"),
        (false, speech, 11, "careful, by day"),
    ] {
        println!(
            "{name}, stolen keys, {title}: 30, 100, 400 and 1,600 requests in an hour, seen after"
        );
        for (place, kind) in kinds.iter().enumerate() {
            let identity =
                1_000 + place as u64 * 10 + if kinds.contains(&"support") { 0 } else { 500 };
            let after: Vec<Option<u32>> = [30, 100, 400, 1_600]
                .iter()
                .map(|requests| {
                    let made = takeover(
                        identity,
                        *requests,
                        loud,
                        speech,
                        BEGIN + DAYS * DAY + hour * HOUR,
                    );
                    run_attack(watch, &Traffic::new(), &made, identity, 1, &rules)
                })
                .collect();
            println!("  {kind:<12} {after:?}");
            let share = &mut shares[usize::from(!loud)];
            share.0 += after.iter().flatten().count() as u32;
            share.1 += after.len() as u32;
        }
    }
    let share = |(seen, all): (u32, u32)| f64::from(seen) / f64::from(all);
    println!(
        "  loud {:.2}, careful {:.2}",
        share(shares[0]),
        share(shares[1])
    );
    (share(shares[0]), share(shares[1]))
}

#[test]
fn plain_attacks_are_seen_and_honest_work_is_mostly_left_alone() {
    let figures = family(true);
    assert!(figures.seen >= 0.95, "{}", figures.seen);
    assert!(figures.loud >= 0.7, "{}", figures.loud);
    assert!(figures.careful >= 0.3, "{}", figures.careful);
    assert!(figures.open <= 0.05, "{}", figures.open);
    assert!(figures.told <= 0.02, "{}", figures.told);
}

#[test]
fn hidden_attacks_are_mostly_seen_among_kinds_of_work_that_were_held_out() {
    let figures = family(false);
    assert!(figures.seen >= 0.85, "{}", figures.seen);
    assert!(figures.loud >= 0.6, "{}", figures.loud);
    assert!(figures.careful >= 0.25, "{}", figures.careful);
    assert!(figures.open <= 0.1, "{}", figures.open);
    assert!(figures.told <= 0.03, "{}", figures.told);
}

/// Prompts that people and their programs wrote, sent one after the other: what a copy of a model is trained on.
#[test]
fn instructions_of_others_in_a_row_are_seen_as_distillation() {
    let Some(texts) =
        crate::topics::corpus_texts(&["selfinstruct", "fuzzyai", "mtbench", "wildguard"])
    else {
        println!("skipped: no corpus of prompts (set STANCE_CORPUS)");
        return;
    };
    // Shuffled, as such sets are.
    let mut order: Vec<_> = texts
        .iter()
        .map(|text| (stance_guard::theft::identity(text), text))
        .collect();
    order.sort_unstable();
    let mut watch = Watch::new(Settings::default());
    let seen = order.iter().zip(1..).find_map(|((_, text), n)| {
        let event = super::world::ask(5, text, 60, 350);
        let signals = watch.observe(BEGIN + n * 20_000, &event);
        let right = [Rule::Distillation, Rule::Coverage];
        signals
            .iter()
            .any(|signal| signal.score >= ALERT && right.contains(&signal.rule))
            .then_some(n)
    });
    println!(
        "{} instructions of others: seen after {seen:?}",
        texts.len()
    );
    assert!(seen.is_some_and(|n| n <= 400), "{seen:?}");
}
