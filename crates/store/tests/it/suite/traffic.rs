//! Interactions are kept once, found by every filter, and counted as they are.

use jiff::{SignedDuration, Timestamp};
use stance_core::exchange::{Origin, Unjudged, Usage};
use stance_core::traffic::{
    Action, Measure, Measured, Piece, Place as Where, Reason, Seen, Sureness, Teller,
};
use stance_store::StoreError;
use stance_store::retention::{Passing, Retention as _, RetentionSettings};
use stance_store::traffic::{
    By, DetectionQuery, SeenFilter, SeenQuery, Span, Step, Sums, Traffic as _,
};

use super::Place;

/// Seconds after noon of a day.
fn at(seconds: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    noon + SignedDuration::from_secs(seconds)
}

fn span(from: i64, to: i64) -> Span {
    Span {
        from: at(from),
        to: at(to),
    }
}

/// An interaction with everything that one can have.
fn full() -> Seen {
    let began = at(7) + SignedDuration::from_nanos(1_234_567);
    let mut seen = Seen::new("00ab34", began, Teller::Gateway);
    seen.place = "openai".into();
    seen.operation = "chat.completions".into();
    seen.provider = Some("openai".into());
    seen.identity = Some("ana".into());
    seen.session = Some("s-1".into());
    seen.trace = Some("4bf92f3577b34da6a3ce929d0e0e4736".into());
    seen.agent = Some("helper".into());
    seen.model = Some("gpt-5".into());
    seen.answered = Some("gpt-5-2026".into());
    seen.stream = true;
    seen.status = Some(403);
    seen.decision = Action::Block;
    seen.reasons = vec![
        reason(Action::Block, "injection/document"),
        reason(Action::Flag, "personal/email"),
    ];
    seen.policy = "balanced".into();
    seen.unjudged = vec![Unjudged {
        pointer: "/messages/0/content/1".into(),
        what: "an image".into(),
    }];
    seen.unjudged_count = 3;
    seen.pieces = vec![
        piece(Origin::User, "/messages/0/content/0", None),
        piece(Origin::ToolResult, "/messages/1/content", Some("the words")),
    ];
    seen.tools = 2;
    seen.calls = vec!["search".into(), "search".into(), "mail".into()];
    (seen.request_bytes, seen.answer_bytes) = (900, 80);
    seen.usage = Usage {
        input: Some(100),
        output: Some(20),
        cached: Some(50),
        reasoning: Some(5),
    };
    seen.cost = Some(1_500);
    seen.error = Some("the upstream closed".into());
    (seen.first_byte_us, seen.total_us, seen.judging_us) = (Some(900), Some(5_000), Some(70));
    seen
}

fn reason(action: Action, rule: &str) -> Reason {
    Reason {
        action,
        rule: rule.into(),
        score: Sureness::of(0.9),
        places: vec![Where {
            pointer: "/messages/1/content".into(),
            start: 4,
            end: 9,
        }],
        note: "it says so".into(),
        failed: false,
    }
}

fn piece(origin: Origin, pointer: &str, text: Option<&str>) -> Piece {
    Piece {
        origin,
        answer: false,
        pointer: pointer.into(),
        tool: None,
        call: None,
        bytes: 9,
        text: text.map(str::to_owned),
    }
}

/// One that passed, after so many seconds.
fn plain(number: u32, seconds: i64, identity: &str) -> Seen {
    let mut seen = Seen::new(format!("n-{number}"), at(seconds), Teller::Telemetry);
    seen.place = "shop".into();
    seen.operation = "chat".into();
    seen.identity = Some(identity.into());
    seen.model = Some("small".into());
    seen.usage.input = Some(10);
    seen.total_us = Some(u64::from(number) * 1_000);
    seen
}

fn ids(store: &impl stance_store::Traffic, filter: SeenFilter) -> Vec<String> {
    let slice = store.seen_list(&SeenQuery::newest(filter, 100)).unwrap();
    slice.rows.into_iter().map(|row| row.id).collect()
}

pub(crate) fn an_interaction_is_kept_whole_and_once<P: Place>() {
    let mut store = P::new().open();
    let seen = full();
    let mut odd = Seen::new(
        "x",
        "1969-12-31T00:00:00.5Z".parse().unwrap(),
        Teller::McpProxy,
    );
    odd.answered = Some("alone".into());
    odd.identity = Some("é".repeat(300));
    odd.usage.input = Some(u64::MAX >> 1);
    let mut same = plain(1, 7, "ana");
    same.answered = same.model.clone();
    let all = [seen.clone(), odd, same];
    assert_eq!(store.keep(&all).unwrap(), 3);
    for one in &all {
        assert_eq!(store.seen(&one.id).unwrap().as_ref(), Some(one));
    }
    let mut later = seen.clone();
    later.decision = Action::Allow;
    assert_eq!(store.keep(&[later, seen.clone()]).unwrap(), 0);
    assert_eq!(store.seen(&seen.id).unwrap(), Some(seen));
    assert_eq!(store.seen("00ab").unwrap(), None);
    let size = store.traffic_size().unwrap();
    assert_eq!((size.rows, size.counter), (3, 3));
    for id in [String::new(), "y".repeat(201)] {
        let wrong = [plain(2, 1, "ben"), Seen::new(id, at(0), Teller::Gateway)];
        let refused = store.keep(&wrong);
        assert!(
            matches!(refused, Err(StoreError::Refused(_))),
            "{refused:?}"
        );
    }
    assert_eq!(store.seen("n-2").unwrap(), None, "all or none");
}

pub(crate) fn every_filter_of_interactions_finds_its_own<P: Place>() {
    let mut store = P::new().open();
    let mut others: Vec<Seen> = (1..=5)
        .map(|one| plain(one, i64::from(one), "ben"))
        .collect();
    others[4].decision = Action::Flag;
    others[4].reasons = vec![reason(Action::Flag, "personal/email")];
    others.push(full());
    store.keep(&others).unwrap();
    let all = ["00ab34", "n-5", "n-4", "n-3", "n-2", "n-1"];
    assert_eq!(ids(&store, SeenFilter::default()), all);
    let text = |text: &str| Some(text.to_owned());
    let only: [SeenFilter; 13] = [
        SeenFilter {
            rule: text("injection/document"),
            ..SeenFilter::default()
        },
        SeenFilter {
            identity: text("ana"),
            ..SeenFilter::default()
        },
        SeenFilter {
            model: text("gpt-5"),
            ..SeenFilter::default()
        },
        SeenFilter {
            tool: text("mail"),
            ..SeenFilter::default()
        },
        SeenFilter {
            operation: text("chat.completions"),
            ..SeenFilter::default()
        },
        SeenFilter {
            place: text("openai"),
            ..SeenFilter::default()
        },
        SeenFilter {
            session: text("s-1"),
            ..SeenFilter::default()
        },
        SeenFilter {
            trace: text("4bf92f3577b34da6a3ce929d0e0e4736"),
            ..SeenFilter::default()
        },
        SeenFilter {
            id: text("00a"),
            ..SeenFilter::default()
        },
        SeenFilter {
            teller: Some(Teller::Gateway),
            ..SeenFilter::default()
        },
        SeenFilter {
            decisions: vec![Action::Ask, Action::Block],
            ..SeenFilter::default()
        },
        SeenFilter {
            unjudged: true,
            ..SeenFilter::default()
        },
        SeenFilter {
            failed: true,
            ..SeenFilter::default()
        },
    ];
    for filter in only {
        assert_eq!(ids(&store, filter.clone()), ["00ab34"], "{filter:?}");
    }
    let found = |filter: SeenFilter| ids(&store, filter);
    assert_eq!(
        found(SeenFilter {
            teller: Some(Teller::Telemetry),
            ..SeenFilter::default()
        })
        .len(),
        5
    );
    assert_eq!(
        found(SeenFilter {
            rule: text("personal/email"),
            ..SeenFilter::default()
        }),
        ["00ab34", "n-5"]
    );
    assert_eq!(
        found(SeenFilter {
            id: text("n-"),
            ..SeenFilter::default()
        })
        .len(),
        5
    );
    assert_eq!(
        found(SeenFilter {
            id: text("n-4"),
            identity: text("ben"),
            ..SeenFilter::default()
        }),
        ["n-4"]
    );
    let both = SeenFilter {
        rule: text("personal/email"),
        identity: text("ben"),
        decisions: vec![Action::Flag],
        ..SeenFilter::default()
    };
    assert_eq!(found(both), ["n-5"]);
    assert!(
        found(SeenFilter {
            identity: text("ana"),
            model: text("small"),
            ..SeenFilter::default()
        })
        .is_empty()
    );
    assert!(
        found(SeenFilter {
            identity: text("nobody"),
            ..SeenFilter::default()
        })
        .is_empty()
    );
    let some = SeenFilter {
        from: Some(at(2)),
        to: Some(at(4)),
        ..SeenFilter::default()
    };
    assert_eq!(found(some), ["n-3", "n-2"]);
}

pub(crate) fn slices_of_interactions_meet_each_once<P: Place>() {
    let mut store = P::new().open();
    // Many of one moment.
    let all: Vec<Seen> = (0..50)
        .map(|one| plain(one, i64::from(one / 20), "ana"))
        .collect();
    store.keep(&all).unwrap();
    for filter in [
        SeenFilter::default(),
        SeenFilter {
            identity: Some("ana".into()),
            place: Some("shop".into()),
            ..SeenFilter::default()
        },
    ] {
        let mut query = SeenQuery::newest(filter, 7);
        let mut met = Vec::new();
        loop {
            let slice = store.seen_list(&query).unwrap();
            assert_eq!(slice.looked, None);
            met.extend(slice.rows.into_iter().map(|row| (row.at, row.id)));
            query.after = slice.next;
            if slice.next.is_none() {
                break;
            }
        }
        assert!(
            met.windows(2).all(|pair| pair[0].0 >= pair[1].0),
            "the newest first"
        );
        met.sort();
        met.dedup();
        assert_eq!(met.len(), 50);
    }
}

pub(crate) fn figures_are_those_of_the_interactions<P: Place>() {
    let mut store = P::new().open();
    let hour = 3_600;
    let mut all = vec![full()];
    // In the hour before, in this one and two days later.
    all.extend(
        [(1, -1), (2, 65), (3, 66), (4, hour * 48)].map(|(one, when)| plain(one, when, "ben")),
    );
    store.keep(&all).unwrap();
    let total = |from, to| store.traffic_total(span(from, to)).unwrap();
    let first = total(0, 60);
    let sums = Sums {
        requests: 1,
        blocked: 1,
        unjudged: 1,
        failed: 1,
        tokens_in: 100,
        tokens_out: 20,
        cost: 1_500,
        request_bytes: 900,
        answer_bytes: 80,
        first: Some(at(7) + SignedDuration::from_millis(1)),
        last: Some(at(7) + SignedDuration::from_millis(1)),
        ..Sums::default()
    };
    assert_eq!(first.sums, sums);
    assert_eq!((first.judging.count, first.first_byte.count), (1, 1));
    assert!(
        first
            .judging
            .p50
            .is_some_and(|micros| micros.abs_diff(70) < 5)
    );
    assert_eq!(total(0, 120).sums.requests, 3);
    assert_eq!(total(0, 120).sums.unpriced, 2);
    assert_eq!(total(-60, hour * 49).sums.requests, 5);
    assert_eq!(total(-hour * 12, hour * 12).sums.requests, 4);
    let steps = store
        .traffic_sums(span(-60, 180), Step::Minutes(1))
        .unwrap();
    let counts: Vec<u64> = steps.iter().map(|step| step.sums.requests).collect();
    assert_eq!(counts, [1, 1, 2, 0]);
    assert_eq!(
        steps[2].total.p99,
        store.traffic_total(span(60, 120)).unwrap().total.p99
    );
    let days = store
        .traffic_sums(span(0, hour * 48 + 1), Step::Days(1))
        .unwrap();
    let counts: Vec<u64> = days.iter().map(|step| step.sums.requests).collect();
    assert_eq!(counts, [4, 0, 1]);

    let top = |by| -> Vec<(String, u64, u64)> {
        let top = store
            .traffic_top(by, span(-60, hour), 10)
            .unwrap()
            .into_iter();
        top.map(|top| (top.name.unwrap(), top.sums.requests, top.sums.stopped()))
            .collect()
    };
    assert_eq!(
        top(By::Identity),
        [("ben".to_owned(), 3, 0), ("ana".to_owned(), 1, 1)]
    );
    assert_eq!(
        top(By::Model),
        [("small".to_owned(), 3, 0), ("gpt-5".to_owned(), 1, 1)]
    );
    assert_eq!(top(By::Tool).len(), 2);
    assert_eq!(top(By::Place)[0].0, "shop");
    assert_eq!(
        store
            .traffic_top(By::Identity, span(-60, hour), 1)
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        store.traffic_names(By::Model, "GPT", 10).unwrap(),
        ["gpt-5"]
    );
}

pub(crate) fn detections_tell_whom_and_which_models_they_are_about<P: Place>() {
    let mut store = P::new().open();
    let mut all = vec![full()];
    for (number, who) in [(1, "ben"), (2, "ben"), (3, "cleo")] {
        let mut seen = plain(number, i64::from(number) * 60, who);
        seen.decision = Action::Flag;
        seen.reasons = vec![reason(Action::Flag, "personal/email")];
        all.push(seen);
    }
    store.keep(&all).unwrap();
    let mut query = DetectionQuery::of(span(0, 300));
    query.step = Some(Step::Minutes(1));
    let found = store.detections(&query).unwrap();
    let rules: Vec<_> = found
        .iter()
        .map(|one| (one.rule.as_str(), one.sums.requests))
        .collect();
    // Both stopped one; one has more.
    assert_eq!(rules, [("personal/email", 4), ("injection/document", 1)]);
    let email = &found[0];
    assert_eq!(email.trend, [1, 1, 1, 1, 0]);
    assert_eq!(email.samples, ["n-3", "n-2", "n-1", "00ab34"]);
    assert_eq!(
        email.sums.first,
        Some(at(7) + SignedDuration::from_millis(1))
    );
    assert_eq!(email.sums.last, Some(at(180)));
    assert_eq!(email.identities[0].name, "ben");
    assert_eq!(email.identities[0].sums.requests, 2);
    assert_eq!(email.identities[0].samples, ["n-2", "n-1"]);
    assert_eq!(email.models[0].name, "small");

    query.about = Some((By::Identity, "ben".into()));
    let found = store.detections(&query).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].trend, [0, 1, 1, 0, 0]);
    assert_eq!((found[0].sums.requests, found[0].identities.len()), (2, 1));
    assert_eq!(found[0].samples, ["n-2", "n-1"]);
    query.about = Some((By::Tool, "mail".into()));
    assert!(matches!(
        store.detections(&query),
        Err(StoreError::Refused(_))
    ));
}

pub(crate) fn interactions_and_words_are_forgotten_and_figures_stay<P: Place>() {
    let mut store = P::new().open();
    let day = 86_400;
    let mut all = vec![full()];
    all.extend((1..=9).map(|one| plain(one, i64::from(one) * day, "ben")));
    store.keep(&all).unwrap();
    let old = store.old(Passing::Traffic, at(3 * day), 100).unwrap();
    assert_eq!(
        (old.count, old.oldest),
        (3, Some(at(7) + SignedDuration::from_millis(1)))
    );
    assert_eq!(store.forget(Passing::Words, at(day), 10).unwrap(), 1);
    let seen = store.seen("00ab34").unwrap().unwrap();
    assert!(seen.pieces.iter().all(|piece| piece.text.is_none()));
    assert_eq!(store.forget(Passing::Traffic, at(3 * day), 2).unwrap(), 2);
    assert_eq!(store.forget(Passing::Traffic, at(3 * day), 2).unwrap(), 1);
    assert_eq!(store.forget(Passing::Traffic, at(3 * day), 2).unwrap(), 0);
    assert_eq!(store.seen("00ab34").unwrap(), None);
    let by_rule = SeenFilter {
        rule: Some("personal/email".into()),
        ..SeenFilter::default()
    };
    assert!(ids(&store, by_rule).is_empty());
    assert_eq!(store.traffic_size().unwrap().rows, 7);
    // What was kept and is gone is not new, but the figures have it.
    let whole = span(-day, 10 * day);
    assert_eq!(store.traffic_total(whole).unwrap().sums.requests, 10);
    assert_eq!(store.forget_beyond(5, 1).unwrap(), 1);
    assert_eq!(store.forget_beyond(5, 100).unwrap(), 1);
    assert_eq!(store.forget_beyond(5, 100).unwrap(), 0);
    assert_eq!(
        ids(&store, SeenFilter::default())
            .last()
            .map(String::as_str),
        Some("n-5")
    );
    while store.forget(Passing::TrafficSums, at(5 * day), 10).unwrap() >= 10 {}
    let left = store.traffic_total(whole).unwrap().sums;
    assert!((5..=6).contains(&left.requests), "{left:?}");
    assert_eq!(
        store.traffic_names(By::Rule, "", 9).unwrap(),
        Vec::<String>::new()
    );
    assert_eq!(store.traffic_names(By::Identity, "", 9).unwrap(), ["ben"]);
}

pub(crate) fn the_oldest_go_when_there_are_too_many<P: Place>() {
    let mut store = P::new().open();
    let usual = store.retention().unwrap();
    let days = Passing::ALL.map(|passing| usual.days(passing));
    let few = RetentionSettings::new(days, 1_000, usual.revision);
    store.set_retention(&few).unwrap();
    for batch in 0..13 {
        let all: Vec<Seen> = (0..100)
            .map(|one| plain(batch * 100 + one, i64::from(batch * 100 + one), "ana"))
            .collect();
        assert_eq!(store.keep(&all).unwrap(), 100);
    }
    let size = store.traffic_size().unwrap();
    assert_eq!((size.rows, size.oldest), (1_000, Some(at(300))));
    let fewer = RetentionSettings::new(days, 999, usual.revision + 1);
    assert!(matches!(
        store.set_retention(&fewer),
        Err(StoreError::Refused(_))
    ));
}

pub(crate) fn what_waits_is_in_no_list_until_it_is_released<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let mut first = plain(1, 1, "ana");
    store
        .hold_seen(&[first.clone(), plain(2, 2, "ben")])
        .unwrap();
    first.answer = Some("chatcmpl-1".to_owned());
    store.hold_seen(std::slice::from_ref(&first)).unwrap();
    assert_eq!(ids(&store, SeenFilter::default()), Vec::<String>::new());
    // Another process: what was told last is there, and what ended is not.
    drop(store);
    let mut store = place.open();
    store.end_waiting(&[&plain(2, 2, "ben").id]).unwrap();
    assert_eq!(store.release_seen().unwrap(), 1);
    assert_eq!(store.seen(&first.id).unwrap(), Some(first));
    assert_eq!(store.release_seen().unwrap(), 0);
}

pub(crate) fn an_exchange_that_two_tell_is_kept_as_the_gateway_tells_it<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let answered = |mut seen: Seen, answer: &str| {
        seen.answer = Some(answer.to_owned());
        seen
    };
    let gateway = |number: u32, seconds: i64| {
        let mut seen = plain(number, seconds, "key");
        (seen.teller, seen.place) = (Teller::Gateway, "openai".into());
        seen.decision = Action::Block;
        seen.reasons = vec![reason(Action::Block, "injection/document")];
        seen.calls = vec!["mail".into()];
        seen
    };
    // The gateway is first, and the process is another one when the application tells.
    store
        .keep(&[answered(gateway(1, 10), "chatcmpl-1")])
        .unwrap();
    drop(store);
    let mut store = place.open();
    assert_eq!(
        store
            .keep(&[answered(plain(2, 9, "ana"), "chatcmpl-1")])
            .unwrap(),
        0
    );
    // The application is first: what it told goes, in lists and figures alike.
    let mut told = answered(plain(3, 20, "ana"), "chatcmpl-2");
    told.calls = vec!["search".into()];
    told.reasons = vec![reason(Action::Flag, "personal/email")];
    store.keep(std::slice::from_ref(&told)).unwrap();
    let late = answered(gateway(4, 21), "chatcmpl-2");
    assert_eq!(store.keep(std::slice::from_ref(&late)).unwrap(), 1);
    assert_eq!(store.keep(&[told]).unwrap(), 0);
    assert_eq!(ids(&store, SeenFilter::default()), ["n-4", "n-1"]);
    let by_answer = SeenFilter {
        answer: Some("chatcmpl-2".into()),
        ..SeenFilter::default()
    };
    assert_eq!(ids(&store, by_answer), ["n-4"]);
    let total = store.traffic_total(span(0, 60)).unwrap();
    let sums = total.sums;
    assert_eq!((sums.requests, sums.blocked, sums.flagged), (2, 2, 0));
    assert_eq!((sums.tokens_in, total.total.count), (20, 2));
    for (by, names) in [
        (By::Place, vec!["openai"]),
        (By::Identity, vec!["key"]),
        (By::Tool, vec!["mail"]),
        (By::Rule, vec!["injection/document"]),
    ] {
        let top = store.traffic_top(by, span(0, 60), 9).unwrap();
        let told: Vec<&str> = top.iter().filter_map(|one| one.name.as_deref()).collect();
        assert_eq!(told, names);
    }
    assert_eq!(store.traffic_size().unwrap().rows, 2);
    for filter in [
        SeenFilter {
            rule: Some("personal/email".into()),
            ..SeenFilter::default()
        },
        SeenFilter {
            tool: Some("search".into()),
            ..SeenFilter::default()
        },
    ] {
        assert!(ids(&store, filter).is_empty());
    }
    // Another time, another model, and no gateway at all: other exchanges.
    let mut other = answered(plain(6, 21, "ana"), "chatcmpl-2");
    other.model = Some("large".into());
    let others = [answered(plain(5, 300, "ana"), "chatcmpl-2"), other];
    assert_eq!(store.keep(&others).unwrap(), 2);
    let apps = [plain(7, 400, "ana"), plain(8, 400, "ana")].map(|it| answered(it, "chatcmpl-3"));
    assert_eq!(store.keep(&apps).unwrap(), 2);
}

pub(crate) fn interactions_are_counted_up_to_a_bound<P: Place>() {
    let mut store = P::new().open();
    let all: Vec<Seen> = (0..40)
        .map(|one| {
            plain(
                one,
                i64::from(one),
                if one % 4 == 0 { "ana" } else { "ben" },
            )
        })
        .collect();
    store.keep(&all).unwrap();
    let count = |filter: SeenFilter, most| {
        let counted = store.count_seen(&filter, most).unwrap();
        (counted.count, counted.more)
    };
    let of = |who: &str| SeenFilter {
        identity: Some(who.into()),
        ..SeenFilter::default()
    };
    assert_eq!(count(SeenFilter::default(), 100), (40, false));
    assert_eq!(count(SeenFilter::default(), 40), (40, false));
    assert_eq!(count(SeenFilter::default(), 39), (39, true));
    assert_eq!(count(of("ana"), 100), (10, false));
    assert_eq!(count(of("nobody"), 100), (0, false));
    let recent = SeenFilter {
        from: Some(at(20)),
        model: Some("small".into()),
        ..of("ana")
    };
    assert_eq!(count(recent, 100), (5, false));
}

/// A point of a series, of a service and a model.
fn point(series: &str, measure: Measure, seconds: i64, count: u64, sum: u64) -> Measured {
    Measured {
        series: series.to_owned(),
        service: "shop".into(),
        model: Some("small".into()),
        operation: "chat".into(),
        measure,
        failed: false,
        count,
        sum,
        cumulative: false,
        since: None,
        at: at(seconds),
    }
}

pub(crate) fn metrics_are_added_up_once<P: Place>() {
    let mut store = P::new().open();
    let mut failed = point("03", Measure::Calls, 5, 1, 2_000_000);
    failed.failed = true;
    let points = [
        point("01", Measure::TokensIn, 5, 4, 400),
        point("02", Measure::TokensOut, 5, 4, 80),
        failed,
        point("04", Measure::Calls, 5, 3, 6_000_000),
        point("05", Measure::FirstToken, 5, 2, 1_000_000),
        point("06", Measure::Cost, 5, 4, 1_500),
    ];
    assert_eq!(store.measure(&points).unwrap(), 6);
    // The same again, since its answer was lost, and one that came too late.
    assert_eq!(store.measure(&points).unwrap(), 0);
    assert_eq!(
        store
            .measure(&[point("01", Measure::TokensIn, 4, 9, 900)])
            .unwrap(),
        0
    );
    assert_eq!(
        store
            .measure(&[point("01", Measure::TokensIn, 65, 1, 100)])
            .unwrap(),
        1
    );
    let mut other = point("07", Measure::Served, 66, 9, 900);
    (other.service, other.model) = ("vllm".into(), None);
    store.measure(&[other]).unwrap();

    let told = store.measured(span(0, 120), 10).unwrap();
    let names: Vec<_> = told
        .iter()
        .map(|one| one.service.as_deref().unwrap())
        .collect();
    assert_eq!(names, ["vllm", "shop"]);
    let shop = &told[1];
    assert_eq!(
        (shop.all(), shop.calls, shop.failed, shop.counted),
        (5, 4, 1, 5)
    );
    assert_eq!(
        (shop.tokens_in, shop.tokens_out, shop.cost),
        (500, 80, 1_500)
    );
    assert_eq!(
        (shop.mean_us(), shop.first_mean_us()),
        (Some(2_000_000), Some(500_000))
    );
    assert_eq!(
        (told[0].model.as_deref(), told[0].mean_us()),
        (None, Some(100))
    );
    assert_eq!(store.measured(span(0, 60), 10).unwrap().len(), 1);
    assert_eq!(store.measured(span(0, 120), 1).unwrap().len(), 1);
    // They are added to no figure of interactions.
    assert_eq!(
        store.traffic_total(span(0, 120)).unwrap().sums,
        Sums::default()
    );
    // More names than are counted one by one are counted together.
    let many: Vec<Measured> = (0..1_010)
        .map(|one| {
            let mut point = point(&format!("{one:08x}"), Measure::Calls, 200, 1, 1);
            point.model = Some(format!("m-{one}"));
            point
        })
        .collect();
    store.measure(&many).unwrap();
    let told = store.measured(span(180, 240), 9_999).unwrap();
    assert_eq!(told.iter().map(|one| one.calls).sum::<u64>(), 1_010);
    assert_eq!(
        (told.len(), told[0].service.as_deref(), told[0].calls),
        (1_001, None, 10)
    );
    let wrong = store.measure(&[point("no hex", Measure::Calls, 1, 1, 1)]);
    assert!(matches!(wrong, Err(StoreError::Refused(_))));
}

pub(crate) fn what_counts_from_its_beginning_counts_what_was_added<P: Place>() {
    let place = P::new();
    let mut store = place.open();
    let point = |series: &str, seconds: i64, since: i64, count: u64, sum: u64| Measured {
        cumulative: true,
        since: Some(at(since)),
        ..point(series, Measure::Calls, seconds, count, sum)
    };
    let calls = |store: &P::Store| -> u64 {
        let told = store.measured(span(0, 7_200), 10).unwrap();
        told.iter().map(|one| one.calls).sum()
    };
    store.measure(&[point("01", 60, 0, 4, 40)]).unwrap();
    store.measure(&[point("01", 120, 0, 6, 60)]).unwrap();
    assert_eq!(calls(&store), 6);
    // It goes on in another process, and begins anew without saying so.
    drop(store);
    let mut store = place.open();
    store.measure(&[point("01", 180, 0, 9, 90)]).unwrap();
    assert_eq!(calls(&store), 9);
    store.measure(&[point("01", 240, 0, 2, 20)]).unwrap();
    assert_eq!(calls(&store), 11);
    // What was counted long before anybody looked is of no minute; what comes then is.
    store
        .measure(&[point("02", 300, -86_400, 1_000, 1)])
        .unwrap();
    assert_eq!(calls(&store), 11);
    store
        .measure(&[point("02", 360, -86_400, 1_001, 2)])
        .unwrap();
    assert_eq!(calls(&store), 12);
}

pub(crate) fn metrics_are_forgotten_with_the_figures<P: Place>() {
    let mut store = P::new().open();
    let day = 86_400;
    let points: Vec<Measured> = (0..5)
        .map(|one| point(&format!("0{one}"), Measure::Calls, one * day, 1, 1))
        .collect();
    store.measure(&points).unwrap();
    while store.forget(Passing::TrafficSums, at(3 * day), 10).unwrap() >= 10 {}
    let left = store.measured(span(-day, 9 * day), 10).unwrap();
    let calls: u64 = left.iter().map(|one| one.calls).sum();
    assert!((2..=3).contains(&calls), "{left:?}");
}
