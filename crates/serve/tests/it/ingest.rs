//! What others push.
#![cfg(unix)]

use std::io::Write as _;

use serde_json::json;
use stance_store::accounts::Role;

use crate::harness::{Answer, Client, Running};
use crate::jobs::{DOCUMENT, start};

fn token(server: &Running, scope: &str) -> Client {
    server.user("pipeline", Role::Analyst);
    let token = server.token("pipeline", &[scope]);
    Client::with_token(&server.url, &token)
}

fn push(client: &mut Client, source: &str, body: &[u8]) -> Answer {
    let path = format!("/api/v1/ingest?source={source}&wait=true");
    client.send(
        "POST",
        &path,
        &[("content-type", "application/json")],
        body.to_vec(),
    )
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn a_document_that_is_pushed_is_in_the_estate() {
    let server = start("exit 9");
    let mut client = token(&server, "ingest");
    let answer = push(&mut client, "ci", DOCUMENT.as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.text);
    let pushed = answer.json();
    assert_eq!(
        (&pushed["new"], &pushed["run"]["state"]),
        (&json!(true), &json!("succeeded"))
    );
    assert_eq!(
        (&pushed["run"]["cause"], &pushed["run"]["outcome"]["opened"]),
        (&json!("push"), &json!(1))
    );
    assert_eq!(answer.header("location"), pushed["url"]);
    let mut viewer = server.signed_in(Role::Viewer);
    let sources = viewer.get("/api/v1/sources").json();
    assert_eq!(
        (
            &sources["sources"][0]["name"],
            &sources["sources"][0]["kind"]
        ),
        (&json!("ci"), &json!("push"))
    );
    assert_eq!(
        viewer.get(pushed["url"].as_str().unwrap()).json()["id"],
        pushed["run"]["id"]
    );

    // The same again, packed this time, is the same run; another source is another.
    let path = "/api/v1/ingest?source=ci";
    let again = client.send(
        "POST",
        path,
        &[("content-encoding", "gzip")],
        packed(DOCUMENT.as_bytes()),
    );
    assert_eq!((again.status, &again.json()["new"]), (200, &json!(false)));
    assert_eq!(again.json()["run"]["id"], pushed["run"]["id"]);
    assert_eq!(
        push(&mut client, "laptop", DOCUMENT.as_bytes()).json()["new"],
        json!(true)
    );

    // What is gone from the next document is gone.
    let empty = DOCUMENT
        .replace("model:file/m.pt", "model:file/n.pt")
        .replace("0123456789abcdef", "fedcba9876543210");
    let outcome = push(&mut client, "ci", empty.as_bytes()).json()["run"]["outcome"].clone();
    assert_eq!(
        (&outcome["vanished"], &outcome["fixed"], &outcome["opened"]),
        (&json!(1), &json!(1), &json!(1))
    );
}

#[test]
fn bills_of_materials_are_taken_too() {
    let server = start("exit 9");
    let mut client = token(&server, "ingest");
    let bill = json!({"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "x",
        "packages": [{"SPDXID": "SPDXRef-a", "name": "torch", "downloadLocation": "NOASSERTION", "versionInfo": "2"}]});
    let answer = push(&mut client, "bom", bill.to_string().as_bytes());
    assert_eq!(
        answer.json()["run"]["error"],
        json!(null),
        "{}",
        answer.text
    );
    assert_eq!(
        answer.json()["run"]["outcome"]["assets"],
        1,
        "{}",
        answer.text
    );
}

#[test]
fn what_is_no_document_is_refused_at_once_and_what_says_nonsense_fails_its_run() {
    let server = start("exit 9");
    let mut client = token(&server, "ingest");
    for body in [
        &b""[..],
        b"nonsense",
        b"{}",
        b"[]",
        b"{\"schema\": \"other\"}",
        &[0x1f, 0x8b, 0, 0],
    ] {
        let answer = push(&mut client, "ci", body);
        assert_eq!(answer.status, 422, "{body:?}: {}", answer.text);
        assert_eq!(answer.json()["errors"][0]["field"], "body");
    }
    let broken = client.send(
        "POST",
        "/api/v1/ingest?source=ci",
        &[("content-encoding", "gzip")],
        vec![0x1f, 0x8b, 8],
    );
    assert_eq!(broken.status, 422, "{}", broken.text);
    let other = client.send(
        "POST",
        "/api/v1/ingest?source=ci",
        &[("content-encoding", "br")],
        b"x".to_vec(),
    );
    assert_eq!(other.status, 415);
    for source in ["", "%20", "a%0Ab", &"x".repeat(121)] {
        let answer = push(&mut client, source, DOCUMENT.as_bytes());
        assert!(
            [400, 422].contains(&answer.status),
            "{source}: {}",
            answer.text
        );
    }
    assert_eq!(
        server.signed_in(Role::Viewer).get("/api/v1/sources").json()["total"],
        0
    );

    let wrong = DOCUMENT.replace("model/pickle-exec", "<script>");
    let run = push(&mut client, "ci", wrong.as_bytes()).json()["run"].clone();
    assert_eq!(run["state"], "failed");
    assert!(
        run["error"]
            .as_str()
            .unwrap()
            .contains("`findings[0].rule`"),
        "{run}"
    );
}

#[test]
fn a_bomb_is_not_unpacked() {
    let server = start("exit 9");
    let mut client = token(&server, "ingest");
    let bomb = packed(&vec![b' '; 300 << 20]);
    let answer = client.send(
        "POST",
        "/api/v1/ingest?source=ci",
        &[("content-encoding", "gzip")],
        bomb,
    );
    assert_eq!(answer.status, 422, "{}", answer.text);
    assert!(
        answer.text.contains("larger than the 256 MiB"),
        "{}",
        answer.text
    );
}

#[test]
fn a_removed_source_is_not_brought_back_by_a_push() {
    let server = start("exit 9");
    let mut client = token(&server, "ingest");
    push(&mut client, "ci", DOCUMENT.as_bytes());
    let mut admin = server.signed_in(Role::Admin);
    let id = admin.get("/api/v1/sources").json()["sources"][0]["id"].clone();
    admin.json("DELETE", &format!("/api/v1/sources/{id}"), &json!({}));
    let answer = push(&mut client, "ci", DOCUMENT.as_bytes());
    assert_eq!(answer.status, 409, "{}", answer.text);
    let body = json!({"kind": "push", "name": "ci"});
    assert_eq!(
        admin.json("POST", "/api/v1/sources", &body).json()["id"],
        id,
        "the same source again"
    );
    assert_eq!(push(&mut client, "ci", b"{}").status, 422);
}

#[test]
fn a_token_without_the_scope_pushes_nothing() {
    let server = start("exit 9");
    let mut client = token(&server, "estate:read");
    assert_eq!(push(&mut client, "ci", DOCUMENT.as_bytes()).status, 403);
    assert_eq!(
        push(&mut server.client(), "ci", DOCUMENT.as_bytes()).status,
        401
    );
}
