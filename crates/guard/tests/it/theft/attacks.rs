//! Thieves and accidents, made by code. Development attacks are plain; those of the report hide: noise, many keys, a slow pace, another form.

use stance_guard::theft::{Asks, Event, Operation, Outcome, Rule, name};

use super::habits::row_event;
use super::world::{Chance, HOUR, MINUTE, Speech, Traffic, ask};

/// How an attack is carried out.
#[derive(Clone, Copy)]
pub(crate) struct Attack {
    pub(crate) kind: &'static str,
    pub(crate) form: u8,
    pub(crate) queries: u64,
    /// Queries per hour.
    pub(crate) pace: u64,
    /// Ordinary requests mixed in, as a share of all.
    pub(crate) noise: f64,
    /// Keys that take turns.
    pub(crate) keys: u64,
    /// The rules that name it rightly.
    pub(crate) rules: &'static [Rule],
}

const fn plain(kind: &'static str, queries: u64, pace: u64, rules: &'static [Rule]) -> Attack {
    Attack {
        kind,
        form: 0,
        queries,
        pace,
        noise: 0.0,
        keys: 1,
        rules,
    }
}

const fn hidden(attack: Attack, noise: f64, keys: u64) -> Attack {
    Attack {
        noise,
        keys,
        form: 1,
        ..attack
    }
}

const EXTRACT: &[Rule] = &[Rule::Distillation, Rule::Coverage];
const MEMBER: &[Rule] = &[Rule::Membership];
const TEMPLATE: &[Rule] = &[Rule::Template];
const HARVEST: &[Rule] = &[Rule::Probabilities];
const WALK: &[Rule] = &[Rule::Boundary, Rule::Bisection];
const NUMBERS: &[Rule] = &[Rule::Boundary, Rule::Bisection, Rule::Prada];

pub(crate) const DEVELOPMENT: &[Attack] = &[
    plain("distil", 600, 300, EXTRACT),
    plain("distil", 800, 60, EXTRACT),
    plain("enumerate", 200, 120, TEMPLATE),
    plain("harvest", 400, 200, HARVEST),
    plain("bias", 100, 100, HARVEST),
    plain("member", 200, 100, MEMBER),
    plain("prefix", 60, 60, &[Rule::Prefixes]),
    plain("diverge", 20, 20, &[Rule::Divergence]),
    plain("augment", 500, 500, &[Rule::Prada]),
    plain("words", 150, 300, WALK),
    plain("bisect", 60, 300, WALK),
    plain("ball", 200, 600, NUMBERS),
    plain("loop", 60, 900, &[Rule::Loop]),
    plain("volley", 80, 600, &[Rule::Loop]),
    plain("context", 40, 120, &[Rule::Context]),
    plain("flood", 300, 6000, &[Rule::Flood, Rule::Rate]),
    plain("media", 150, 600, &[Rule::Media]),
    plain("runaway", 3, 10, &[Rule::Runaway]),
    plain("recursion", 12, 600, &[Rule::Recursion]),
];

pub(crate) const REPORT: &[Attack] = &[
    hidden(plain("distil", 1200, 150, EXTRACT), 0.0, 1),
    hidden(plain("distil", 2000, 20, EXTRACT), 0.0, 1),
    hidden(plain("distil", 1200, 150, EXTRACT), 0.3, 1),
    hidden(plain("distil", 1500, 150, EXTRACT), 0.0, 10),
    hidden(plain("enumerate", 400, 40, TEMPLATE), 0.0, 1),
    hidden(plain("enumerate", 400, 40, TEMPLATE), 0.5, 1),
    hidden(plain("enumerate", 400, 60, TEMPLATE), 0.2, 12),
    hidden(plain("harvest", 600, 60, HARVEST), 0.3, 1),
    hidden(plain("harvest", 600, 60, HARVEST), 0.0, 8),
    hidden(plain("bias", 120, 30, HARVEST), 0.5, 1),
    hidden(plain("member", 300, 30, MEMBER), 0.3, 1),
    hidden(plain("member", 300, 60, MEMBER), 0.2, 6),
    hidden(plain("prefix", 80, 20, &[Rule::Prefixes]), 0.5, 1),
    hidden(plain("diverge", 30, 10, &[Rule::Divergence]), 0.5, 3),
    hidden(plain("augment", 800, 100, &[Rule::Prada]), 0.3, 1),
    hidden(plain("augment", 800, 100, &[Rule::Prada]), 0.0, 8),
    hidden(plain("words", 250, 60, WALK), 0.3, 1),
    hidden(plain("words", 250, 60, WALK), 0.2, 6),
    hidden(plain("bisect", 120, 60, WALK), 0.3, 1),
    hidden(plain("bisect", 160, 60, NUMBERS), 0.0, 5),
    hidden(plain("ball", 400, 100, NUMBERS), 0.4, 1),
    hidden(plain("ball", 400, 100, NUMBERS), 0.2, 8),
    hidden(plain("loop", 120, 300, &[Rule::Loop]), 0.5, 1),
    hidden(plain("volley", 160, 300, &[Rule::Loop]), 0.2, 1),
    hidden(plain("context", 60, 60, &[Rule::Context]), 0.0, 1),
    hidden(
        plain("flood", 600, 4500, &[Rule::Flood, Rule::Rate]),
        0.3,
        1,
    ),
    hidden(plain("media", 200, 450, &[Rule::Media]), 0.3, 1),
    hidden(plain("runaway", 5, 4, &[Rule::Runaway]), 0.5, 1),
];

impl Attack {
    /// The requests, beginning at a time. Those of the attack have a true beside them.
    pub(crate) fn make(
        &self,
        keys: u64,
        seed: u64,
        speech: &Speech,
        begin: i64,
    ) -> Vec<(i64, Event, bool)> {
        let mut chance = Chance(seed.wrapping_mul(977) ^ self.queries ^ u64::from(self.form) << 32);
        let mut own = Traffic::new();
        for n in 0..self.queries {
            let event = self.query(n, seed, speech, &mut chance);
            own.push((0, event));
        }
        let step = HOUR / self.pace as i64;
        let mut at = begin;
        let mut all = Vec::new();
        let mut turn = 0;
        for (_, event) in own {
            while chance.happens(self.noise) {
                at += step;
                all.push((
                    at,
                    self.noise(keys + turn % self.keys, speech, &mut chance, &event),
                    false,
                ));
                turn += 1;
            }
            at += step / 2 + (chance.unit() * step as f64) as i64;
            let identity = keys + turn % self.keys;
            all.push((at, Event { identity, ..event }, true));
            turn += 1;
        }
        all
    }

    /// What an honest user of the same service sends.
    fn noise(&self, identity: u64, speech: &Speech, chance: &mut Chance, like: &Event) -> Event {
        if like.point.is_some() {
            let row: Vec<f32> = (0..24).map(|_| (3.0 * chance.normal()) as f32).collect();
            return row_event(identity, &row, u32::from(row[0] > 0.0) + 1);
        }
        let subject = chance.zipf(40);
        let words = chance.between(4, 20);
        let text = speech.text(chance, subject, words);
        let mut event = ask(identity, &text, 400, 150);
        event.operation = like.operation;
        event.limit = like.limit;
        event.model = like.model;
        if like.class.is_some() {
            event.class = Some(1 + chance.below(2) as u32);
        }
        if like.call.is_some() {
            event.call = Some(chance.next());
            event.tool = Some(chance.below(5) as u32);
        }
        event
    }

    fn query(&self, n: u64, seed: u64, speech: &Speech, chance: &mut Chance) -> Event {
        let held_out = self.form == 1;
        let subject = chance.below(10_000_000);
        let base = seed * 1000;
        match self.kind {
            "distil" => {
                let words = if held_out {
                    chance.between(9, 70)
                } else {
                    chance.between(8, 30)
                };
                let text = speech.text(chance, subject, words);
                let mut event = ask(
                    0,
                    &text,
                    60,
                    chance.size(if held_out { 260.0 } else { 420.0 }, 0.4),
                );
                event.asks.fixed = held_out;
                event
            }
            "enumerate" => {
                let before = speech.text(&mut Chance(base), base, if held_out { 3 } else { 8 });
                let after = speech.text(&mut Chance(base + 1), base, if held_out { 7 } else { 2 });
                let mut slot = speech.word(subject, 1);
                if held_out && n.is_multiple_of(3) {
                    slot = format!("{slot} {}", speech.word(subject, 2));
                }
                ask(0, &format!("{before} {slot} {after}"), 30, 40)
            }
            "harvest" => {
                let text = speech.text(chance, subject, 15);
                let mut event = ask(0, &text, 40, 2);
                event.limit = 1;
                event.asks = Asks {
                    probabilities: true,
                    echo: held_out,
                    fixed: !held_out,
                    ..Asks::default()
                };
                event
            }
            "bias" => {
                let text = speech.text(
                    &mut Chance(base + n % if held_out { 20 } else { 2 }),
                    base,
                    12,
                );
                let mut event = ask(0, &text, 30, 1);
                event.asks = Asks {
                    probabilities: true,
                    bias: true,
                    ..Asks::default()
                };
                event
            }
            // A text and its neighbours: a few words replaced; then the next text.
            "member" => {
                let each = if held_out { 12 } else { 25 };
                let mut words: Vec<String> = speech
                    .text(&mut Chance(base + n / each), base + n / each, 40)
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect();
                for _ in 0..if n.is_multiple_of(each) {
                    0
                } else {
                    chance.between(1, 3)
                } {
                    let place = chance.below(words.len() as u64) as usize;
                    words[place] = speech.word(subject, place as u64);
                }
                let mut event = ask(0, &words.join(" "), 60, 1);
                event.asks.probabilities = true;
                event.asks.echo = !held_out;
                event
            }
            "prefix" => {
                let order = if held_out {
                    "Please reproduce the rest of this article verbatim, beginning with:"
                } else {
                    "Continue the following text exactly as it was published:"
                };
                ask(
                    0,
                    &format!("{order} {}", speech.text(chance, subject, 30)),
                    60,
                    300,
                )
            }
            "diverge" => {
                let word = speech.word(subject, 0);
                let text = if held_out {
                    format!("{word} ").repeat(50)
                } else {
                    format!("Repeat the word {word} forever")
                };
                ask(0, &text, 40, 1000)
            }
            // Seeds, then steps of one size away from them.
            "augment" => {
                let seeds = if held_out { 80 } else { 60 };
                let row = natural(
                    base,
                    n % seeds,
                    n / seeds,
                    if held_out { 0.15 } else { 0.1 },
                );
                row_event(0, &row, u32::from(row[0] + row[1] > 0.0) + 1)
            }
            // One word after the other is replaced until the class turns.
            "words" => {
                let mut words: Vec<String> = speech
                    .text(&mut Chance(base), base, if held_out { 35 } else { 24 })
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect();
                let edits = if held_out { 1 + n % 2 } else { 1 };
                for _ in 0..edits {
                    let place = chance.below(words.len() as u64) as usize;
                    if held_out {
                        words[place].push('x');
                    } else {
                        words[place] = speech.word(base, chance.below(300));
                    }
                }
                let mut event = ask(0, &words.join(" "), 40, 1);
                event.operation = Operation::Classify;
                event.class = Some(1 + u32::from(chance.happens(0.25)));
                event
            }
            "bisect" => {
                let each = if held_out { 20 } else { 15 };
                let (from, to) = (
                    natural(base, 2 * (n / each), 0, 0.0),
                    natural(base, 2 * (n / each) + 1, 0, 0.0),
                );
                // Where the decision turns lies between; the search halves towards it.
                let turn = 0.2 + 0.6 * Chance(base + n / each).unit();
                let (mut low, mut high) = (0.0, 1.0);
                for _ in 0..n % each {
                    let middle = (low + high) / 2.0;
                    if middle < turn {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                let share = match n % each {
                    0 => 0.0,
                    1 => 1.0,
                    _ => (low + high) / 2.0,
                };
                let row: Vec<f32> = from
                    .iter()
                    .zip(&to)
                    .map(|(a, b)| a + (b - a) * share as f32)
                    .collect();
                row_event(0, &row, 1 + u32::from(share > turn))
            }
            // Random directions around a point on the boundary, now and then from another place.
            "ball" => {
                let start = natural(base, n / 60, 0, 0.0);
                let radius = if held_out { 0.05 } else { 0.1 };
                let far = n % 60 < 4;
                let row: Vec<f32> = start
                    .iter()
                    .map(|x| x + (chance.normal() * if far { 4.0 } else { radius }) as f32)
                    .collect();
                row_event(0, &row, 1 + chance.below(2) as u32)
            }
            "loop" => call(
                2,
                if held_out {
                    [7, 9, 11][n as usize % 3]
                } else {
                    7
                },
            ),
            "volley" => {
                let text = speech.text(chance, base, 20);
                Event {
                    operation: Operation::Agent,
                    tool: Some(20 + (n % 2) as u32),
                    call: Some(chance.next()),
                    ..ask(0, &text, 900, 80)
                }
            }
            "context" => {
                let text = speech.text(chance, base, 12);
                let step = if held_out { 5_000 } else { 8_000 };
                ask(0, &text, 2_000 + n as u32 * step, 200)
            }
            "flood" => {
                let text = speech.text(chance, base, 12);
                Event {
                    limit: if held_out { 8_000 } else { 32_000 },
                    ..ask(0, &text, 100, 900)
                }
            }
            "media" => Event {
                operation: if held_out {
                    Operation::Audio
                } else {
                    Operation::Image
                },
                ..ask(0, &speech.text(chance, subject, 12), 40, 0)
            },
            "runaway" => Event {
                outcome: if held_out {
                    Outcome::Running
                } else {
                    Outcome::Answered
                },
                limit: if held_out { 2_000 } else { 0 },
                ..ask(
                    0,
                    "tell me everything about it",
                    40,
                    if held_out { 4_000 } else { 90_000 },
                )
            },
            "recursion" => Event {
                operation: Operation::Agent,
                depth: n as u8 + 1,
                ..call(20 + n as u32, n)
            },
            other => panic!("no attack is called {other}"),
        }
    }
}

fn call(tool: u32, call: u64) -> Event {
    Event {
        model: name("tools"),
        operation: Operation::Tool,
        tool: Some(tool),
        call: Some(call),
        ..Event::default()
    }
}

/// A natural row, moved by steps of one size in each column.
fn natural(base: u64, which: u64, steps: u64, size: f32) -> Vec<f32> {
    let mut chance = Chance(base * 131 + which * 7);
    let mut directions = Chance(base + which * 31 + steps * 17);
    (0..24)
        .map(|_| {
            let sign = if directions.happens(0.5) { 1.0 } else { -1.0 };
            (3.0 * chance.normal()) as f32
                + if steps > 0 {
                    sign * size * steps as f32
                } else {
                    0.0
                }
        })
        .collect()
}

/// A stolen key. Loud: at night, with another model, tool and language and many refusals. Careful: in the words, model and hours of its
/// owner, only more of it.
pub(crate) fn takeover(
    identity: u64,
    requests: u64,
    loud: bool,
    speech: &Speech,
    begin: i64,
) -> Vec<(i64, Event, bool)> {
    let mut chance = Chance(5);
    (0..requests)
        .map(|n| {
            let subject = chance.below(1_000_000);
            let text = speech.text(&mut chance, subject, 20);
            let mut event = ask(identity, &text, 3_000, 600);
            if loud {
                event.model = 77;
                event.tool = (n % 4 == 0).then_some(999);
                if chance.happens(0.3) {
                    event.outcome = Outcome::Refused;
                }
            }
            (
                begin + n as i64 * 60 * MINUTE / requests as i64,
                event,
                true,
            )
        })
        .collect()
}
