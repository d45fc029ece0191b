//! Chance and speech, made by code: a world of subjects with words of their own.

use stance_guard::theft::{Event, Print};

/// Pseudo-random numbers (SplitMix64): the same seed gives the same traffic.
#[derive(Clone)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    pub(crate) fn happens(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// A log-normal size around a median.
    pub(crate) fn size(&mut self, median: f64, spread: f64) -> u32 {
        (median * (spread * self.normal()).exp()) as u32
    }

    /// A place in a list whose first ones come most.
    pub(crate) fn zipf(&mut self, n: u64) -> u64 {
        let x = (self.unit() * ((n + 1) as f64).ln()).exp();
        (x as u64).saturating_sub(1).min(n - 1)
    }
}

const LITTLE_A: &str =
    "the of and to a in is for it with on as how what can you my do not please this that are be";
const LITTLE_B: &str = "der die und zu ein in ist für es mit auf wie was kann ich mein nicht bitte das den sind wird eine";
const TALK: [&str; 8] = [
    "thanks",
    "and in a table?",
    "why?",
    "make it shorter",
    "ok, next",
    "hello",
    "that is wrong, again please",
    "can you say more",
];

/// A language of made words: subjects, and the little words between.
#[derive(Clone)]
pub(crate) struct Speech {
    seed: u64,
    syllables: &'static [&'static str],
    little: Vec<&'static str>,
}

impl Speech {
    /// The one that the detectors were set with, and another that they were not.
    pub(crate) fn of(development: bool) -> Self {
        const A: &[&str] = &[
            "ka", "lor", "ment", "tri", "ve", "sol", "dan", "per", "ish", "un", "gro", "fel",
            "mar", "ti", "ow",
        ];
        const B: &[&str] = &[
            "schu", "ber", "lich", "ag", "ent", "wor", "ung", "zel", "ha", "mit", "kor", "bre",
            "ste", "ni", "aus", "ei",
        ];
        Self {
            seed: if development { 11 } else { 977 },
            syllables: if development { A } else { B },
            little: (if development { LITTLE_A } else { LITTLE_B })
                .split(' ')
                .collect(),
        }
    }

    /// The word of a subject with this number.
    pub(crate) fn word(&self, subject: u64, number: u64) -> String {
        let mut chance =
            Chance(self.seed ^ subject.wrapping_mul(7919) ^ number.wrapping_mul(104_729));
        (0..chance.between(2, 4))
            .map(|_| self.syllables[chance.below(self.syllables.len() as u64) as usize])
            .collect()
    }

    /// A text of so many words about a subject.
    pub(crate) fn text(&self, chance: &mut Chance, subject: u64, words: u64) -> String {
        let mut text = String::new();
        for _ in 0..words {
            if chance.happens(0.45) {
                let place = chance.zipf(self.little.len() as u64) as usize;
                text.push_str(self.little[place]);
            } else {
                let number = chance.zipf(40);
                text.push_str(&self.word(subject, number));
            }
            text.push(' ');
        }
        text
    }

    pub(crate) fn small_talk(&self, chance: &mut Chance) -> String {
        TALK[chance.below(TALK.len() as u64) as usize].to_owned()
    }
}

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;
/// A Monday, 2026-11-02.
pub(crate) const BEGIN: i64 = 1_793_577_600_000;

/// Events with their times.
pub(crate) type Traffic = Vec<(i64, Event)>;

/// An ordinary request about a text.
pub(crate) fn ask(identity: u64, text: &str, input: u32, output: u32) -> Event {
    Event {
        identity,
        model: 1,
        input,
        output,
        limit: 1024,
        cost: u64::from(input) * 3 + u64::from(output) * 15,
        prompt: Some(Print::of(text)),
        ..Event::default()
    }
}

/// A time in the working hours of a day.
pub(crate) fn office(chance: &mut Chance, day: i64) -> i64 {
    BEGIN + day * DAY + ((12.5 + 2.3 * chance.normal()).clamp(6.0, 21.0) * HOUR as f64) as i64
}

pub(crate) fn is_weekend(day: i64) -> bool {
    day % 7 >= 5
}
