//! All recorded exchanges, replayed: what goes in comes out, and what is read is what a plain walk says.

use std::collections::BTreeMap;

use serde_json::Value;
use stance_wire::{
    Framing, Identity, Limits, Operation, Options, Route, Status, Stream, Unreadable, read_answer,
    read_request, recognise,
};

use crate::cassettes::{self, Recorded};
use crate::filters::{Hoarder, Seen, Waiter};
use crate::walk::{self, Said, canonical};

fn route(recorded: &Recorded) -> Route {
    recognise(&recorded.method, &recorded.target, Some(&recorded.host))
        .unwrap_or_else(|| panic!("{} {} is not recognised", recorded.method, recorded.target))
}

/// The whole stream, in pieces whose lengths `next` says.
fn passed(
    route: &Route,
    framing: Framing,
    bytes: &[u8],
    filter: &mut dyn stance_wire::Filter,
    mut next: impl FnMut() -> usize,
) -> (Vec<u8>, Stream) {
    let options = Options {
        unreadable: Unreadable::Refuse,
        ..Options::default()
    };
    let mut stream = Stream::new(route, framing, options);
    let mut out = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(next().clamp(1, rest.len()));
        assert_eq!(stream.push(piece, filter, &mut out), Status::Open);
        rest = after;
    }
    assert_eq!(stream.finish(filter, &mut out), Status::Open);
    (out, stream)
}

/// Lengths that look random and are the same each time.
fn lengths(seed: u64) -> impl FnMut() -> usize {
    let mut state = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % 97) as usize
    }
}

fn said(exchange: &stance_core::exchange::Exchange) -> Said {
    Said {
        texts: exchange
            .parts
            .iter()
            .map(|part| (part.origin, canonical(&part.text)))
            .collect(),
        tools: exchange
            .tools
            .iter()
            .map(|tool| tool.name.clone())
            .collect(),
        usage: exchange.usage,
    }
}

fn judged(route: &Route) -> bool {
    !matches!(route.operation, Operation::NotJudged(_))
}

#[test]
fn bodies_come_out_as_they_went_in() {
    let limits = Limits::default();
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for recorded in cassettes::all() {
        let route = route(&recorded);
        let entry = counts.entry(route.operation.name()).or_default();
        if !judged(&route) {
            entry.1 += 1;
            continue;
        }
        entry.0 += 1;
        let framing = route.framing(&recorded.content_type);
        let bodies = [
            Some((&recorded.request, true)),
            framing.is_none().then_some((&recorded.answer, false)),
        ];
        for (body, request) in bodies.into_iter().flatten() {
            let read = if request { read_request } else { read_answer };
            let reading = read(&route, body, &limits).expect(&recorded.file);
            assert_eq!(&*reading.rewrite(body, &mut Identity), body.as_slice());
            let value: Value = serde_json::from_slice(body).unwrap();
            let mut expected = if request {
                walk::request(route.operation, &value)
            } else {
                walk::answer(route.operation, &value)
            };
            if request {
                expected.usage = Default::default();
            }
            assert_eq!(
                said(&reading.exchange).sorted(),
                expected.sorted(),
                "{} {}",
                recorded.file,
                recorded.status
            );
        }
    }
    let total = counts
        .values()
        .fold((0, 0), |sum, (read, not)| (sum.0 + read, sum.1 + not));
    eprintln!("exchanges by operation, read and not judged: {counts:?}; {total:?}");
}

#[test]
fn streams_come_out_as_they_went_in_under_every_chunking() {
    let mut streams = 0;
    let mut events = 0;
    for recorded in cassettes::all() {
        let route = route(&recorded);
        let Some(framing) = route.framing(&recorded.content_type) else {
            continue;
        };
        let bytes = &recorded.answer;
        let mut seen = Seen::default();
        let (whole, stream) = passed(&route, framing, bytes, &mut seen, || usize::MAX);
        assert_eq!(whole, *bytes, "{}", recorded.file);
        let (single, _) = passed(&route, framing, bytes, &mut Identity, || 1);
        assert_eq!(single, *bytes, "{}", recorded.file);
        for seed in 1..6 {
            let mut again = Seen::default();
            let (pieces, _) = passed(&route, framing, bytes, &mut again, lengths(seed));
            assert_eq!(pieces, *bytes, "{}", recorded.file);
            assert_eq!(again.channels, seen.channels);
        }
        if !judged(&route) {
            continue;
        }
        streams += 1;
        let expected = walk::stream(route.operation, framing, bytes);
        events += expected.channels.len();
        assert_eq!(seen.channels, expected.channels, "{}", recorded.file);
        assert_eq!(stream.exchange().usage, expected.usage, "{}", recorded.file);
        assert_eq!(stream.exchange().ended, expected.ended, "{}", recorded.file);
        assert!(
            stream.exchange().model.is_some()
                || framing != Framing::Events
                || route.operation == Operation::CohereChat
        );
    }
    eprintln!("streams: {streams}, channels: {events}");
}

#[test]
fn what_is_held_back_to_the_end_is_not_lost() {
    for recorded in cassettes::all() {
        let route = route(&recorded);
        let Some(framing) = route.framing(&recorded.content_type) else {
            continue;
        };
        if !judged(&route) {
            continue;
        }
        let bytes = &recorded.answer;
        let (whole, stream) = passed(&route, framing, bytes, &mut Hoarder::default(), || {
            usize::MAX
        });
        assert!(
            whole == *bytes,
            "{}: what is held and not changed passes byte for byte",
            recorded.file
        );
        let lost = stream
            .exchange()
            .unjudged
            .iter()
            .find(|said| said.what.contains("held back"));
        assert_eq!(lost, None);
        let (pieces, _) = passed(&route, framing, bytes, &mut Hoarder::default(), lengths(7));
        assert_eq!(pieces, whole, "{}", recorded.file);
    }
}

/// The whole stream, each event of which waits; it is let go where `goes` says so, and else refused.
fn waited(
    route: &Route,
    framing: Framing,
    bytes: &[u8],
    mut next: impl FnMut() -> usize,
    mut goes: impl FnMut() -> bool,
) -> (Vec<u8>, Status) {
    let (mut filter, mut out) = (Waiter::default(), Vec::new());
    let mut stream = Stream::new(route, framing, Options::default());
    let mut rest = bytes;
    let mut last = false;
    while !last {
        let (piece, after) = rest.split_at(next().clamp(1, rest.len().max(1)).min(rest.len()));
        last = piece.is_empty();
        match last {
            true => stream.finish(&mut filter, &mut out),
            false => stream.push(piece, &mut filter, &mut out),
        };
        rest = after;
        while stream.waits() {
            let before = out.len();
            // What comes meanwhile is kept.
            assert_eq!(stream.push(b"", &mut filter, &mut out), Status::Open);
            assert_eq!(out.len(), before, "nothing goes on while it waits");
            filter.waits = false;
            if goes() {
                stream.release(&mut filter, &mut out);
            } else {
                stream.refuse(&mut out);
            }
        }
        if stream.status() == Status::Refused {
            break;
        }
    }
    (out, stream.status())
}

#[test]
fn what_waits_for_a_decision_goes_on_byte_for_byte_or_not_at_all() {
    for recorded in cassettes::all() {
        let route = route(&recorded);
        let Some(framing) = route.framing(&recorded.content_type) else {
            continue;
        };
        if !judged(&route) {
            continue;
        }
        let bytes = &recorded.answer;
        let (whole, _) = waited(&route, framing, bytes, || usize::MAX, || true);
        assert!(whole == *bytes, "{}", recorded.file);
        let (pieces, _) = waited(&route, framing, bytes, lengths(7), || true);
        assert!(pieces == *bytes, "{}", recorded.file);
        for most in [0, 3] {
            let denied = |next: &mut dyn FnMut() -> usize| {
                let mut allowed = 0;
                let goes = move || {
                    allowed += 1;
                    allowed <= most
                };
                waited(&route, framing, bytes, next, goes)
            };
            let whole = denied(&mut || usize::MAX);
            let pieces = denied(&mut lengths(7));
            assert!(
                whole == pieces,
                "{}: the same for all pieces",
                recorded.file
            );
        }
    }
}

#[test]
fn nothing_of_the_recorded_exchanges_is_said_to_be_unknown() {
    let limits = Limits::default();
    let mut said: BTreeMap<(String, String), usize> = BTreeMap::new();
    for recorded in cassettes::all() {
        let route = route(&recorded);
        if !judged(&route) {
            continue;
        }
        let mut all = read_request(&route, &recorded.request, &limits)
            .unwrap()
            .exchange
            .unjudged;
        match route.framing(&recorded.content_type) {
            None => all.extend(
                read_answer(&route, &recorded.answer, &limits)
                    .unwrap()
                    .exchange
                    .unjudged,
            ),
            Some(framing) => {
                let (_, stream) = passed(&route, framing, &recorded.answer, &mut Identity, || {
                    usize::MAX
                });
                all.extend(stream.exchange().unjudged.clone());
            }
        }
        for one in all {
            *said.entry((one.what, one.pointer)).or_default() += 1;
        }
    }
    eprintln!("not judged of the recorded exchanges: {said:#?}");
    let unknown = said
        .keys()
        .filter(|(what, _)| what.contains("not known") && !what.contains("field"));
    assert_eq!(unknown.count(), 0);
}
