//! What gateways report, and what is kept of it.

use std::io::Write as _;

use serde_json::json;
use stance_core::exchange::Origin;
use stance_core::traffic::{Piece, Report, Seen, Teller};
use stance_store::Traffic as _;
use stance_store::accounts::Role;

use stance_serve::telemetry::{LogRefused, LogTaken, Logs, SentLog, UnreadRecord};

use crate::harness::{Answer, Client, Running, start, start_in};

fn seen(id: &str, teller: Teller) -> Seen {
    Seen {
        place: "openai".to_owned(),
        operation: "chat.completions".to_owned(),
        model: Some("gpt-x".to_owned()),
        answer: Some(format!("chatcmpl-{id}")),
        total_us: Some(1_000_000),
        pieces: vec![Piece {
            origin: Origin::User,
            answer: false,
            pointer: "/messages/0/content".to_owned(),
            tool: None,
            call: None,
            bytes: 5,
            text: Some("Hello".to_owned()),
        }],
        ..Seen::new(id, jiff::Timestamp::now(), teller)
    }
}

fn reporter(server: &Running, scope: &str) -> Client {
    server.user("gateway", Role::Analyst);
    let token = server.token("gateway", &[scope]);
    Client::with_token(&server.url, &token)
}

fn report(client: &mut Client, report: &Report) -> Answer {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer
        .write_all(&serde_json::to_vec(report).unwrap())
        .unwrap();
    let headers = [
        ("content-type", "application/json"),
        ("content-encoding", "gzip"),
    ];
    client.send(
        "POST",
        "/api/v1/traffic",
        &headers,
        packer.finish().unwrap(),
    )
}

#[test]
fn what_a_gateway_reports_is_kept_once_without_its_words() {
    let server = start();
    let mut client = reporter(&server, "ingest");
    let told = Report {
        dropped: 3,
        seen: vec![seen("01", Teller::Gateway), seen("02", Teller::McpProxy)],
    };
    let answer = report(&mut client, &told);
    assert_eq!(
        (answer.status, answer.json()),
        (200, json!({"new": 2})),
        "{}",
        answer.text
    );
    assert_eq!(report(&mut client, &told).json(), json!({"new": 0}));
    let kept = server.store(|store| store.seen("01")).unwrap();
    assert_eq!(
        (kept.model.as_deref(), kept.answer.as_deref()),
        (Some("gpt-x"), Some("chatcmpl-01"))
    );
    assert_eq!((kept.pieces.len(), &kept.pieces[0].text), (1, &None));
    assert!(server.log().contains("could not tell of everything"));

    server.app.telemetry.keep_words(true);
    let told = Report {
        dropped: 0,
        seen: vec![seen("03", Teller::Gateway)],
    };
    assert_eq!(report(&mut client, &told).status, 200);
    let kept = server.store(|store| store.seen("03")).unwrap();
    assert_eq!(kept.pieces[0].text.as_deref(), Some("Hello"));
}

#[test]
fn a_report_is_taken_from_those_who_may_and_only_as_one() {
    let server = start();
    let told = Report {
        dropped: 0,
        seen: vec![seen("01", Teller::Gateway)],
    };
    assert_eq!(report(&mut server.client(), &told).status, 401);
    let mut other = reporter(&server, "estate:read");
    assert_eq!(report(&mut other, &told).status, 403);
    let token = server.token("gateway", &["ingest"]);
    let mut client = Client::with_token(&server.url, &token);
    let wrong = [
        Report {
            dropped: 0,
            seen: vec![seen("", Teller::Gateway)],
        },
        Report {
            dropped: 0,
            seen: vec![seen("01", Teller::Telemetry)],
        },
        Report {
            dropped: 0,
            seen: vec![seen("01", Teller::Gateway); 1_001],
        },
    ];
    for wrong in &wrong {
        assert_eq!(report(&mut client, wrong).status, 422);
    }
    let bomb = {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&vec![b' '; 40 << 20]).unwrap();
        packer.finish().unwrap()
    };
    let answer = client.send(
        "POST",
        "/api/v1/traffic",
        &[("content-encoding", "gzip")],
        bomb,
    );
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert_eq!(server.store(|store| store.traffic_size()).rows, 0);
}

#[test]
fn what_a_service_acknowledged_and_was_waiting_with_is_there_after_a_restart() {
    let server = start();
    server.store(|store| store.hold_seen(&[seen("0a0b", Teller::Telemetry)]));
    assert_eq!(server.store(|store| store.traffic_size()).rows, 0);
    let directory = server.stop();
    let server = start_in(directory, |_| {});
    assert_eq!(server.store(|store| store.traffic_size()).rows, 1);
    assert!(server.store(|store| store.seen("0a0b")).is_some());
}

/// What reads logs: each line is a record, of which those with `ok` are understood.
struct Lines;

impl Logs for Lines {
    fn formats(&self) -> Vec<&'static str> {
        vec!["envoy", "litellm"]
    }

    fn take(
        &self,
        log: SentLog,
    ) -> futures_util::future::BoxFuture<'_, Result<LogTaken, LogRefused>> {
        let text = String::from_utf8(log.body).unwrap();
        let result = match text.as_str() {
            "full" => Err(LogRefused::Later("no room".to_owned())),
            "large" => Err(LogRefused::TooLarge),
            "bad" => Err(LogRefused::Bad("no gzip".to_owned())),
            text => {
                let ok = text.lines().filter(|line| *line == "ok").count() as u64;
                let other = text.lines().count() as u64 - ok;
                let mut taken = LogTaken {
                    interactions: ok,
                    new: ok,
                    ..LogTaken::default()
                };
                taken
                    .formats
                    .insert(log.format.or(log.service).unwrap_or_default(), ok);
                if other > 0 {
                    taken.unknown.insert("strange".to_owned(), other);
                    taken.unread.push(UnreadRecord {
                        line: 2,
                        record: None,
                        why: "strange".to_owned(),
                    });
                }
                Ok(taken)
            }
        };
        Box::pin(async move { result })
    }
}

#[test]
fn logs_are_taken_from_those_who_may_and_what_is_lost_is_said() {
    let server = start();
    let path = "/api/v1/traffic/logs";
    let mut client = reporter(&server, "ingest");
    let send = |client: &mut Client, query: &str, body: &str| {
        client.send(
            "POST",
            &format!("{path}{query}"),
            &[],
            body.to_owned().into_bytes(),
        )
    };
    // Nobody reads them here yet.
    assert_eq!(send(&mut client, "", "ok").status, 409);
    server.app.read_logs_with(std::sync::Arc::new(Lines));

    assert_eq!(send(&mut server.client(), "", "ok").status, 401);
    let token = server.token("gateway", &["estate:read"]);
    let mut other = Client::with_token(&server.url, &token);
    assert_eq!(send(&mut other, "", "ok").status, 403);

    let taken = send(&mut client, "?format=envoy", "ok\nstrange\n");
    assert_eq!(taken.status, 200, "{}", taken.text);
    let told = taken.json();
    assert_eq!(
        (&told["new"], &told["formats"]["envoy"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        told["unread"],
        json!([{"line": 2, "record": null, "why": "strange"}])
    );
    assert!(server.log().contains("line 2: strange"), "{}", server.log());
    let auto = send(&mut client, "?format=auto&service=edge", "ok").json();
    assert_eq!(auto["formats"]["edge"], json!(1));

    let nothing = send(&mut client, "", "strange\n");
    assert!(
        nothing.status == 422 && nothing.text.contains("line 2: strange"),
        "{}",
        nothing.text
    );
    assert_eq!(send(&mut client, "?lenient=true", "strange\n").status, 200);
    for (query, body, status) in [
        ("?format=word", "ok", 422),
        ("?service=%0A", "ok", 422),
        ("", "full", 503),
        ("", "large", 413),
        ("", "bad", 422),
    ] {
        let answer = send(&mut client, query, body);
        assert_eq!(answer.status, status, "{query} {body}: {}", answer.text);
    }
    let zipped = client.send("POST", path, &[("content-encoding", "br")], b"ok".to_vec());
    assert_eq!(zipped.status, 415);
}
