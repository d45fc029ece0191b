//! Interactions by the million: how fast they are kept, how large they are, and how long lists and figures take.
//!
//! `cargo bench -p stance-store --bench traffic -- [--rows 1000000] [--rate 200] [--database FILE]` builds a database with
//! as many interactions as come at that rate (or opens the one that is there), and prints rows a second, bytes of each row,
//! and milliseconds for each question that pages ask: best and worst of 20 runs.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench prints what it measured, with a clock"
)]

use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use stance_core::exchange::{Origin, Usage};
use stance_core::traffic::{Action, Piece, Place, Reason, Seen, Sureness, Teller};
use stance_store::retention::{Passing, Retention as _};
use stance_store::traffic::{By, DetectionQuery, SeenFilter, SeenQuery, Span, Step};
use stance_store::{Sqlite, Traffic as _};

/// Interactions of one commit.
const EACH: usize = 200;

fn main() {
    let mut rows = 1_000_000_usize;
    let mut rate = 200;
    let mut file = std::env::temp_dir().join("stance-traffic-bench.db");
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--rows" => {
                if let Some(count) = arguments.next().and_then(|it| it.parse().ok()) {
                    rows = count;
                }
            }
            "--rate" => {
                if let Some(count) = arguments.next().and_then(|it| it.parse().ok()) {
                    rate = count;
                }
            }
            "--database" => {
                if let Some(path) = arguments.next() {
                    file = PathBuf::from(path);
                }
            }
            _ => {}
        }
    }
    if !file.exists() {
        build(&file, rows, rate);
    }
    let mut store = Sqlite::open(&file).expect("the database opens");
    let size = store.traffic_size().expect("there is a size");
    let space = store.space().expect("there is a size");
    println!(
        "{} rows, {} bytes each with indexes, details and sums",
        size.rows,
        (space.bytes - space.free) / size.rows.max(1)
    );
    ask(&store);
    let began = Instant::now();
    let mut gone = 0;
    while gone < 10_000 {
        gone += store.forget(Passing::Traffic, now(), 200).expect("they go");
    }
    println!(
        "forgotten: {:.0} rows a second",
        gone as f64 / began.elapsed().as_secs_f64()
    );
}

fn now() -> Timestamp {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

/// Numbers that look random and are the same every time (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }

    /// Small numbers more often than large ones.
    fn skewed(&mut self, bound: u64) -> u64 {
        let most = self.below(bound) + 1;
        self.below(most)
    }
}

fn build(file: &Path, rows: usize, rate: i64) {
    let mut store = Sqlite::open(file)
        .and_then(Sqlite::durable)
        .expect("the database is made");
    let mut random = Random(88_172_645_463_325_252);
    let step = 1_000_000 / rate.max(1);
    let first = now() - SignedDuration::from_micros(step * rows as i64);
    let began = Instant::now();
    let mut slowest = 0.0_f64;
    for batch in 0..rows / EACH {
        let seen: Vec<Seen> = (0..EACH)
            .map(|one| {
                let micros = step * (batch * EACH + one) as i64;
                interaction(&mut random, first + SignedDuration::from_micros(micros))
            })
            .collect();
        let asked = Instant::now();
        store.keep(&seen).expect("they are kept");
        slowest = slowest.max(asked.elapsed().as_secs_f64());
    }
    let took = began.elapsed().as_secs_f64();
    println!(
        "kept: {:.0} rows a second, {EACH} in each commit that is on disk; the slowest commit took {:.0} ms",
        rows as f64 / took,
        slowest * 1e3
    );
}

fn interaction(random: &mut Random, at: Timestamp) -> Seen {
    let id = format!(
        "{:016x}{:016x}",
        random.below(1 << 31) << 31 | random.below(1 << 31),
        random.below(1 << 31)
    );
    let mut seen = Seen::new(id, at, Teller::Gateway);
    seen.place = format!("upstream-{}", random.skewed(12));
    seen.operation = "chat.completions".to_owned();
    seen.provider = Some("openai".to_owned());
    seen.identity = Some(format!("team-{}", random.skewed(400)));
    seen.session = Some(format!("session-{:08x}", random.below(1 << 20)));
    seen.model = Some(format!("gpt-5-{}", random.skewed(30)));
    seen.answered = seen.model.clone();
    seen.status = Some(200);
    seen.policy = "balanced".to_owned();
    seen.tools = 6;
    let bytes = 500 + random.below(9_000);
    (seen.request_bytes, seen.answer_bytes) = (bytes, 300 + random.below(4_000));
    seen.usage = Usage {
        input: Some(bytes / 4),
        output: Some(seen.answer_bytes / 4),
        cached: None,
        reasoning: None,
    };
    seen.cost = Some(bytes / 3);
    seen.first_byte_us = Some(100_000 + random.below(900_000));
    seen.total_us = Some(1_000_000 + random.below(9_000_000));
    seen.judging_us = Some(30 + random.below(400));
    for turn in 0..2 + random.below(6) {
        seen.pieces.push(Piece {
            origin: if turn == 0 {
                Origin::Operator
            } else {
                Origin::User
            },
            answer: false,
            pointer: format!("/messages/{turn}/content"),
            tool: None,
            call: None,
            bytes: random.below(3_000),
            text: None,
        });
    }
    if random.below(3) == 0 {
        seen.calls.push(format!("tool_{}", random.skewed(60)));
    }
    if random.below(12) == 0 {
        let action = if random.below(6) == 0 {
            Action::Block
        } else {
            Action::Flag
        };
        seen.decision = action;
        seen.reasons.push(Reason {
            action,
            rule: format!("area/rule-{}", random.skewed(40)),
            score: Sureness::of(0.9),
            places: vec![Place {
                pointer: "/messages/1/content".to_owned(),
                start: 3,
                end: 60,
            }],
            note: "what the rule says in some words".to_owned(),
            failed: false,
        });
    }
    seen
}

fn ask(store: &Sqlite) {
    let span = |hours: i64| Span {
        from: now() - SignedDuration::from_hours(hours),
        to: now(),
    };
    let list = |filter: SeenFilter| {
        let slice = store
            .seen_list(&SeenQuery::newest(filter, 50))
            .expect("a list");
        slice.rows.len()
    };
    let name = |text: &str| Some(text.to_owned());
    let any = SeenFilter::default;
    time("list, newest", || list(any()));
    time("list, identity", || {
        list(SeenFilter {
            identity: name("team-3"),
            ..any()
        })
    });
    time("list, rare identity", || {
        list(SeenFilter {
            identity: name("team-399"),
            ..any()
        })
    });
    time("list, identity and model", || {
        list(SeenFilter {
            identity: name("team-90"),
            model: name("gpt-5-28"),
            ..any()
        })
    });
    time("list, nothing fits both", || {
        list(SeenFilter {
            place: name("upstream-0"),
            operation: name("chat.completions"),
            failed: true,
            ..any()
        })
    });
    time("list, rule and stopped", || {
        list(SeenFilter {
            rule: name("area/rule-5"),
            decisions: vec![Action::Ask, Action::Block],
            ..any()
        })
    });
    time("list, stopped in a minute an hour ago", || {
        let from = now() - SignedDuration::from_hours(1);
        list(SeenFilter {
            from: Some(from),
            to: Some(from + SignedDuration::from_mins(1)),
            decisions: vec![Action::Block],
            ..any()
        })
    });
    let id = store
        .seen_list(&SeenQuery::newest(any(), 1))
        .expect("a list")
        .rows
        .swap_remove(0)
        .id;
    time("one by id", || {
        usize::from(store.seen(&id).expect("one").is_some())
    });
    time("sums, 24 h by 30 min", || {
        store
            .traffic_sums(span(24), Step::Minutes(30))
            .expect("sums")
            .len()
    });
    time("sums, 30 d by day", || {
        store
            .traffic_sums(span(720), Step::Days(1))
            .expect("sums")
            .len()
    });
    for (what, hours) in [("24 h", 24), ("30 d", 720)] {
        time(&format!("all figures of the page, {what}"), || {
            store.traffic_total(span(hours)).expect("sums");
            [By::Rule, By::Identity, By::Model, By::Tool, By::Place]
                .into_iter()
                .map(|by| store.traffic_top(by, span(hours), 8).expect("names").len())
                .sum()
        });
        time(&format!("detections, {what}"), || {
            let mut query = DetectionQuery::of(span(hours));
            query.step = Some(if hours > 24 {
                Step::Days(1)
            } else {
                Step::Minutes(30)
            });
            store.detections(&query).expect("detections").len()
        });
    }
}

/// Best and worst of 20 runs.
fn time(what: &str, ask: impl Fn() -> usize) {
    let mut took: Vec<f64> = (0..20)
        .map(|_| {
            let began = Instant::now();
            std::hint::black_box(ask());
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    took.sort_by(f64::total_cmp);
    let (best, worst) = (took.first().copied(), took.last().copied());
    println!(
        "{what:45} {:8.2} ms {:8.2} ms  ({} rows)",
        best.unwrap_or_default(),
        worst.unwrap_or_default(),
        ask()
    );
}
