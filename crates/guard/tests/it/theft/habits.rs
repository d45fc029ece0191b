//! People and programs that do no harm. The first kinds were there while the detectors were set; the others only for the report.

use stance_guard::theft::{Asks, Event, Expected, Operation, Outcome, Point, Print, name};

use super::world::{BEGIN, Chance, DAY, HOUR, MINUTE, Speech, Traffic, ask, is_weekend, office};

pub(crate) const DEVELOPMENT: [&str; 7] = [
    "support",
    "coder",
    "documents",
    "retrieval",
    "evaluation",
    "student",
    "scoring",
];
pub(crate) const REPORT: [&str; 11] = [
    "agents",
    "catalogue",
    "front_end",
    "sensors",
    "translator",
    "autocomplete",
    "designer",
    "shop",
    "summaries",
    "observed",
    "switcher",
];

/// What is declared of a kind, when declarations are made.
pub(crate) fn expected(kind: &str) -> Expected {
    Expected {
        batch: matches!(kind, "documents" | "catalogue" | "translator" | "summaries"),
        evaluation: matches!(kind, "evaluation" | "observed"),
        shared: matches!(kind, "support" | "front_end" | "shop"),
        testing: false,
    }
}

/// The requests of one identity over some days.
pub(crate) fn live(
    kind: &str,
    identity: u64,
    speech: &Speech,
    days: std::ops::Range<i64>,
    traffic: &mut Traffic,
) {
    let mut chance = Chance(identity.wrapping_mul(31) ^ days.start as u64);
    // What an identity is like does not depend on the day.
    let mut own = Chance(identity);
    let home = own.below(100_000);
    let busy = 0.6 + own.unit();
    for day in days {
        let weekend = is_weekend(day);
        let mut one = Life {
            identity,
            speech,
            chance: &mut chance,
            home,
            day,
            traffic,
        };
        match kind {
            "support" => one.support(busy * if weekend { 120.0 } else { 300.0 }, 60),
            "coder" if !weekend => one.coder(),
            "documents" => one.documents((250.0 * busy) as u64),
            "retrieval" if !weekend => one.support(busy * 60.0, 200),
            "evaluation" => one.evaluation(),
            "student" => one.student(),
            "scoring" => one.scoring((150.0 * busy) as u64),
            "agents" if !weekend => one.agents((12.0 * busy) as u64),
            "catalogue" if !weekend => one.catalogue((120.0 * busy) as u64),
            "front_end" => one.front_end(busy * if weekend { 80.0 } else { 400.0 }),
            "sensors" => one.sensors(),
            "translator" if !weekend => one.translator((60.0 * busy) as u64),
            "autocomplete" if !weekend => one.autocomplete((20.0 * busy) as u64),
            "designer" if !weekend => one.designer(),
            "summaries" => one.summaries((120.0 * busy) as u64),
            "observed" => one.observed(busy * 120.0),
            "switcher" if !weekend => one.switcher(),
            "shop" => one.support(busy * if day % 14 == 9 { 900.0 } else { 150.0 }, 80),
            _ => {}
        }
    }
}

struct Life<'a> {
    identity: u64,
    speech: &'a Speech,
    chance: &'a mut Chance,
    home: u64,
    day: i64,
    traffic: &'a mut Traffic,
}

impl Life<'_> {
    fn add(&mut self, at: i64, event: Event) {
        self.traffic.push((at, event));
    }

    fn ordinary(&mut self, text: &str, input: f64, output: f64) -> Event {
        let (input, output) = (
            self.chance.size(input, 0.5),
            self.chance.size(output, 0.6).min(1024),
        );
        let mut event = ask(self.identity, text, input, output);
        event.outcome = match self.chance.below(100) {
            0 => Outcome::Failed,
            1 => Outcome::Refused,
            _ => Outcome::Answered,
        };
        event
    }

    /// Customers of one application: subjects, questions that all ask, small talk.
    fn support(&mut self, requests: f64, subjects: u64) {
        let requests = (requests * (0.2 * self.chance.normal()).exp()) as u64;
        for _ in 0..requests {
            let at = office(self.chance, self.day);
            let subject = self.home + self.chance.zipf(subjects);
            let text = if self.chance.happens(0.18) {
                self.speech.small_talk(self.chance)
            } else if self.chance.happens(0.15) {
                let popular = self.chance.zipf(20);
                self.speech
                    .text(&mut Chance(self.home + popular), self.home + popular, 11)
            } else {
                let words = self.chance.between(6, 24);
                self.speech.text(self.chance, subject, words)
            };
            let event = self.ordinary(&text, 900.0, 120.0);
            self.add(at, event);
        }
    }

    /// Sessions whose context grows, edits of the same text, tools with other arguments each time.
    fn coder(&mut self) {
        for _ in 0..self.chance.between(2, 4) {
            let mut at = office(self.chance, self.day);
            let subject = self.home + self.chance.below(12);
            let mut input = 2_000.0;
            let base = self.speech.text(self.chance, subject, 40);
            for turn in 0..self.chance.between(10, 40) {
                at += (20 + self.chance.below(120)) as i64 * 1000;
                let text = if turn % 3 == 0 {
                    format!("{base} {}", self.speech.word(subject, turn))
                } else {
                    let words = self.chance.between(4, 30);
                    self.speech.text(self.chance, subject, words)
                };
                let mut event = self.ordinary(&text, 1.0, 300.0);
                event.input = input as u32;
                input += 200.0 + 900.0 * self.chance.unit();
                self.add(at, event);
                for _ in 0..self.chance.below(4) {
                    at += 3_000;
                    let tool = self.chance.zipf(6) as u32 + 1;
                    let call = self.chance.below(60);
                    self.call(at, tool, call);
                }
            }
        }
    }

    fn call(&mut self, at: i64, tool: u32, call: u64) {
        let event = Event {
            identity: self.identity,
            model: 2,
            operation: Operation::Tool,
            tool: Some(tool),
            call: Some(u64::from(tool) << 32 | call),
            ..Event::default()
        };
        self.add(at, event);
    }

    /// A job at night: one instruction, a document in it.
    fn documents(&mut self, count: u64) {
        let frame = self.speech.text(&mut Chance(self.home), self.home, 14);
        for n in 0..count {
            let subject = self.home + self.chance.zipf(300);
            let document = self.speech.text(self.chance, subject, 90);
            let mut event = self.ordinary(&format!("{frame}: {document}"), 400.0, 50.0);
            event.asks.fixed = true;
            self.add(BEGIN + self.day * DAY + 2 * HOUR + n as i64 * 7_000, event);
        }
    }

    /// The same questions each night, with probabilities.
    fn evaluation(&mut self) {
        for n in 0..150 {
            let text = self
                .speech
                .text(&mut Chance(self.home + n), self.home + n, 20);
            let mut event = self.ordinary(&text, 150.0, 20.0);
            event.asks = Asks {
                probabilities: true,
                fixed: true,
                ..Asks::default()
            };
            self.add(BEGIN + self.day * DAY + 3 * HOUR + n as i64 * 4_000, event);
        }
    }

    /// Any subject, a few questions about each.
    fn student(&mut self) {
        for _ in 0..self.chance.below(5) {
            let subject = self.chance.below(1_000_000);
            let mut at =
                BEGIN + self.day * DAY + 17 * HOUR + self.chance.below(5 * 60) as i64 * MINUTE;
            for _ in 0..self.chance.between(1, 9) {
                at += (1 + self.chance.below(5)) as i64 * MINUTE;
                let text = if self.chance.happens(0.3) {
                    self.speech.small_talk(self.chance)
                } else {
                    let words = self.chance.between(7, 25);
                    self.speech.text(self.chance, subject, words)
                };
                let event = self.ordinary(&text, 600.0, 250.0);
                self.add(at, event);
            }
        }
    }

    /// Rows of a table that a model scores, from a few populations.
    fn scoring(&mut self, count: u64) {
        for _ in 0..count {
            let population = self.chance.zipf(5);
            let mut middle = Chance(self.home + population);
            let row: Vec<f32> = (0..24)
                .map(|_| (4.0 * middle.normal() + self.chance.normal()) as f32)
                .collect();
            let at = office(self.chance, self.day);
            let event = row_event(self.identity, &row, u32::from(row[0] + row[1] > 0.0) + 1);
            self.add(at, event);
        }
    }

    /// A supervisor and its workers: in turn, and each message another; waiting for jobs.
    fn agents(&mut self, tasks: u64) {
        for task in 0..tasks {
            let mut at = office(self.chance, self.day);
            let subject = self.home + self.chance.below(40);
            for turn in 0..self.chance.between(4, 16) {
                at += 8_000;
                let text = self.speech.text(self.chance, subject, 30);
                let event = Event {
                    operation: Operation::Agent,
                    tool: Some(10 + (turn % 2) as u32),
                    call: Some(self.chance.next()),
                    depth: 1,
                    ..self.ordinary(&text, 2_500.0, 200.0)
                };
                self.add(at, event);
            }
            for _ in 0..self.chance.below(14) {
                at += 10_000;
                self.call(at, 30, task);
            }
        }
    }

    /// A job with a short slot: what enumeration looks like.
    fn catalogue(&mut self, count: u64) {
        let frame = self.speech.text(&mut Chance(self.home), self.home, 9);
        for n in 0..count {
            let subject = self.chance.below(1_000_000);
            let text = format!(
                "{frame}: {} {}",
                self.speech.word(subject, 0),
                self.speech.word(subject, 1)
            );
            let event = self.ordinary(&text, 80.0, 8.0);
            self.add(BEGIN + self.day * DAY + 6 * HOUR + n as i64 * 9_000, event);
        }
    }

    /// All of an organisation behind one key.
    fn front_end(&mut self, requests: f64) {
        let requests = (requests * (0.2 * self.chance.normal()).exp()) as u64;
        for _ in 0..requests {
            let at = office(self.chance, self.day);
            let subject = self.chance.below(50_000);
            let text = if self.chance.happens(0.14) {
                self.speech.small_talk(self.chance)
            } else {
                let words = self.chance.between(8, 60);
                self.speech.text(self.chance, subject, words)
            };
            let event = self.ordinary(&text, 1_200.0, 280.0);
            self.add(at, event);
        }
    }

    /// Values that wander slowly and are scored each five minutes.
    fn sensors(&mut self) {
        let mut state: Vec<f64> = (0..12).map(|_| self.chance.normal()).collect();
        for n in 0..288 {
            for value in &mut state {
                *value = 0.9 * *value + 0.4 * self.chance.normal();
            }
            let row: Vec<f32> = state.iter().map(|value| *value as f32).collect();
            let event = row_event(self.identity, &row, u32::from(row[0] > 0.0) + 1);
            self.add(BEGIN + self.day * DAY + n * 5 * MINUTE, event);
        }
    }

    /// Paragraph after paragraph, each new, each answered at length.
    fn translator(&mut self, count: u64) {
        let frame = self.speech.text(&mut Chance(self.home), self.home, 8);
        let mut at = office(self.chance, self.day);
        let document = self.chance.below(1_000_000);
        for n in 0..count {
            at += 20_000;
            let text = format!(
                "{frame}: {}",
                self.speech.text(self.chance, document + n / 12, 70)
            );
            let event = self.ordinary(&text, 250.0, 200.0);
            self.add(at, event);
        }
    }

    /// The same text, a few letters longer each time.
    fn autocomplete(&mut self, places: u64) {
        for _ in 0..places {
            let mut at = office(self.chance, self.day);
            let subject = self.home + self.chance.below(30);
            let mut text = self.speech.text(self.chance, subject, 60);
            for step in 0..self.chance.between(3, 12) {
                at += 900;
                text.push_str(&self.speech.word(subject, step));
                let event = self.ordinary(&text, 900.0, 20.0);
                self.add(at, event);
            }
        }
    }

    /// Documents of any kind to be summed up; the instruction is the operator's, so only the document is seen.
    fn summaries(&mut self, count: u64) {
        for n in 0..count {
            let subject = self.chance.below(1_000_000);
            let text = self.speech.text(self.chance, subject, 120);
            let event = self.ordinary(&text, 500.0, 220.0);
            self.add(BEGIN + self.day * DAY + 4 * HOUR + n as i64 * 11_000, event);
        }
    }

    /// An application that shows how sure the model is.
    fn observed(&mut self, requests: f64) {
        let before = self.traffic.len();
        self.support(requests, 80);
        for (_, event) in &mut self.traffic[before..] {
            event.asks.probabilities = true;
        }
    }

    /// A person who changes to another model, tool and language on the tenth day.
    fn switcher(&mut self) {
        let before = self.traffic.len();
        self.coder();
        if self.day >= 9 {
            let other = Speech::of(true);
            for (_, event) in &mut self.traffic[before..] {
                event.model += 40;
                event.tool = event.tool.map(|tool| tool + 50);
                if event.prompt.is_some() && self.chance.happens(0.5) {
                    let subject = self.home + self.chance.below(12);
                    event.prompt = Some(Print::of(&other.text(self.chance, subject, 15)));
                }
            }
        }
    }

    fn designer(&mut self) {
        for _ in 0..self.chance.between(1, 4) {
            let mut at = office(self.chance, self.day);
            let subject = self.home + self.chance.below(50);
            let base = self.speech.text(self.chance, subject, 14);
            for step in 0..self.chance.between(3, 14) {
                at += 25_000;
                let text = format!("{base} {}", self.speech.word(subject, step));
                let event = Event {
                    operation: Operation::Image,
                    ..self.ordinary(&text, 60.0, 0.0)
                };
                self.add(at, event);
            }
        }
    }
}

/// A row that is scored.
pub(crate) fn row_event(identity: u64, row: &[f32], class: u32) -> Event {
    Event {
        identity,
        model: name("scorer"),
        operation: Operation::Classify,
        point: Point::of(row),
        class: Some(class),
        cost: 20,
        prompt: None::<Print>,
        ..Event::default()
    }
}
