//! Two weeks of run time at the sample company: what its programs asked models for, and what was stopped.

mod happened;
mod measured;
mod pieces;
mod programs;

use jiff::{SignedDuration, Timestamp};
use stance_core::traffic::{Seen, Teller};
use stance_store::Sqlite;
use stance_store::traffic::{BATCH, Traffic as _};

use happened::happened;
use pieces::{answered, asked, used};
use programs::{Program, program};

/// The policy of the sample company.
const POLICY: &str = "balanced";

/// Numbers that look random and are the same every time (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound.max(1)
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let place = usize::try_from(self.below(all.len() as u64)).unwrap_or_default();
        all.get(place)
    }

    fn id(&mut self) -> String {
        (0..4)
            .map(|_| format!("{:08x}", self.below(1 << 31) * 2 + self.below(2)))
            .collect()
    }
}

/// Keeps two weeks of interactions that end now.
pub(super) fn add(store: &mut Sqlite, now: Timestamp) -> anyhow::Result<()> {
    let mut random = Random(0x5eed_0f57_a4ce_u64);
    let mut all = Vec::new();
    let mut at = now - SignedDuration::from_hours(24 * 14);
    while at < now {
        let session = random.id().get(..12).unwrap_or_default().to_owned();
        let turns = 1 + random.below(4);
        let program = program(&mut random);
        for _ in 0..turns {
            if at < now {
                all.push(interaction(&mut random, program, &session, at, now));
            }
            at += SignedDuration::from_secs(3 + i64::try_from(random.below(40))?);
        }
        at += pause(&mut random, at, now);
    }
    for batch in all.chunks(BATCH / 2) {
        store.keep(batch)?;
    }
    for batch in measured::of(&mut random, now).chunks(BATCH) {
        store.measure(batch)?;
    }
    Ok(())
}

/// How long until somebody begins again: less on working days, least in working hours and in the last hour.
fn pause(random: &mut Random, at: Timestamp, now: Timestamp) -> SignedDuration {
    let day = at.as_second().div_euclid(86_400);
    let hour = at.as_second().rem_euclid(86_400) / 3_600;
    // The first day of 1970 was a Thursday.
    let is_weekend = matches!((day + 4).rem_euclid(7), 0 | 6);
    let usual: i64 = match hour {
        _ if at > now - SignedDuration::from_hours(1) => 60,
        8..=16 if !is_weekend => 240,
        6..=19 => 900,
        _ => 2_400,
    };
    let seconds = usual / 3 + i64::try_from(random.below(usual.unsigned_abs())).unwrap_or_default();
    SignedDuration::from_secs(seconds)
}

fn interaction(
    random: &mut Random,
    program: &Program,
    session: &str,
    at: Timestamp,
    now: Timestamp,
) -> Seen {
    let mut seen = Seen::new(random.id(), at, program.teller);
    seen.place = program.place.to_owned();
    seen.operation = program.operation.to_owned();
    seen.identity = Some(program.identity.to_owned());
    seen.session = Some(session.to_owned());
    seen.agent = program.agent.map(str::to_owned);
    seen.policy = POLICY.to_owned();
    seen.status = Some(200);
    seen.tools = program.tools.len() as u64;
    seen.pieces = asked(random, program);
    answered(random, program, &mut seen);
    used(random, program, &mut seen);
    happened(random, program, &mut seen, now);
    if program.teller == Teller::Telemetry {
        seen.trace = Some(random.id());
        seen.policy.clear();
        seen.judging_us = None;
    }
    seen
}
