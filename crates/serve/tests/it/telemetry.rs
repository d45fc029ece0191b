//! What gateways report, and what is kept of it.

use std::io::Write as _;

use serde_json::json;
use stance_core::exchange::Origin;
use stance_core::traffic::{Piece, Report, Seen, Teller};
use stance_store::Traffic as _;
use stance_store::accounts::Role;

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
