//! What breaks on either side: callers and upstreams that reset, stall, storm, send too much or what is no text.

use std::net::SocketAddr;
use std::sync::Arc;

use hyper::{Method, StatusCode};
use stance_gateway::judge::Observe;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::rig::{Answer, Rig, Upstream, one};

const PATH: &str = "/v1/chat/completions";
const REQUEST: &str = "{\"model\":\"gpt-x\",\"messages\":[]}";
const ANSWER: &str = "{\"object\":\"chat.completion\",\"choices\":[]}";

/// A test that does not end by then hangs.
const LONG: std::time::Duration = std::time::Duration::from_secs(60);

/// An upstream below HTTP: says these bytes to whoever comes, and closes without a word of farewell.
async fn saying(bytes: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            // One byte is read, the others are not: closing resets the connection.
            let mut byte = [0];
            socket.read_exact(&mut byte).await.unwrap();
            socket.write_all(bytes).await.unwrap();
            socket.flush().await.unwrap();
            tokio::task::yield_now().await;
        }
    });
    address
}

async fn rig(settings: &str) -> Rig {
    Rig::start(settings, Observe).await
}

/// Sends bytes as they are, and gives all that comes back.
async fn raw(rig: &Rig, pieces: &[&[u8]], pause: std::time::Duration) -> String {
    let address = rig.base.strip_prefix("http://").unwrap();
    let (mut reading, mut writing) = TcpStream::connect(address).await.unwrap().into_split();
    let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
    let sender = tokio::spawn(async move {
        for piece in pieces {
            if writing.write_all(&piece).await.is_err() {
                break;
            }
            tokio::time::sleep(pause).await;
        }
        writing
    });
    let mut told = Vec::new();
    let reading = async {
        let _ = reading.read_to_end(&mut told).await;
    };
    tokio::time::timeout(LONG, reading).await.expect("it hangs");
    sender.abort();
    String::from_utf8_lossy(&told).into_owned()
}

#[tokio::test]
async fn an_upstream_that_resets_is_told_in_the_form_of_the_dialect() {
    for head in [
        &b""[..],
        b"HTTP/1.1 20",
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 400\r\n\r\n{\"object\":",
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n{\"a",
        b"this is no HTTP\r\n\r\n",
    ] {
        let address = saying(head).await;
        let rig = rig(&format!(
            "{{\"upstreams\": {{\"it\": {{\"url\": \"http://{address}\", \"auth\": \"none\", \"retries\": 1}}}}}}"
        ))
        .await;
        let told = rig.post("/v1/messages", &[], REQUEST).await;
        assert_eq!(told.status, StatusCode::BAD_GATEWAY, "{head:?}");
        let told: serde_json::Value = serde_json::from_str(told.text()).unwrap();
        assert_eq!(told["type"], "error");
        let receipts = rig.receipts();
        assert_eq!(receipts.len(), 1);
        assert_eq!(receipts[0]["detail"]["status"], 502);
        assert!(receipts[0]["detail"]["error"].is_string());
    }
}

#[tokio::test]
async fn a_storm_of_429_is_not_answered_with_another() {
    let busy = Upstream::start(|_, _| Answer {
        headers: vec![("retry-after", "30".to_owned())],
        ..Answer::status(429)
    })
    .await;
    let free = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let settings = format!(
        "{{\"upstreams\": {{
            \"alone\": {{\"url\": \"http://{0}\", \"auth\": \"none\", \"retries\": 5}},
            \"helped\": {{\"url\": \"http://{0}\", \"auth\": \"none\", \"retries\": 5, \"fallback\": [\"narrow\", \"free\"]}},
            \"narrow\": {{\"url\": \"http://127.0.0.1:9\", \"auth\": \"none\", \"models\": [\"other-*\"]}},
            \"free\": {{\"url\": \"http://{1}\", \"auth\": \"none\"}}
         }}}}",
        busy.address, free.address
    );
    let rig = Arc::new(rig(&settings).await);
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let rig = rig.clone();
        asking.spawn(async move {
            let told = rig.post("/alone/v1/chat/completions", &[], REQUEST).await;
            assert_eq!(told.status, StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(told.headers["retry-after"], "30");
        });
    }
    while let Some(done) = asking.join_next().await {
        done.unwrap();
    }
    assert_eq!(busy.asked().len(), 40, "nobody is asked before its time");
    let told = rig.post("/helped/v1/chat/completions", &[], REQUEST).await;
    assert_eq!(told.text(), ANSWER);
    let receipt = rig.receipts().pop().unwrap();
    assert_eq!(receipt["detail"]["upstream"], "free");
    assert_eq!(
        receipt["detail"]["tries"], 2,
        "one that may not give this model is not asked"
    );
}

#[tokio::test]
async fn where_nobody_helps_the_answer_that_there_was_is_told() {
    let busy = Upstream::start(|_, _| Answer::status(503)).await;
    let rig = rig(&format!(
        "{{\"upstreams\": {{
            \"a\": {{\"url\": \"http://{0}\", \"auth\": \"none\", \"retries\": 0, \"fallback\": [\"gone\"]}},
            \"gone\": {{\"url\": \"http://127.0.0.1:9\", \"auth\": \"none\", \"retries\": 0}}
         }}}}",
        busy.address
    ))
    .await;
    let told = rig.post("/a/v1/chat/completions", &[], REQUEST).await;
    assert_eq!(told.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(rig.receipts()[0]["detail"]["upstream"], "a");
}

#[tokio::test]
async fn who_sends_a_request_byte_by_byte_is_not_waited_for() {
    let upstream = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let rig = rig(&one(&upstream, ", \"request-timeout\": 1")).await;
    // Each piece comes within the time that all of them have.
    let pause = std::time::Duration::from_millis(100);
    let drops = vec![&b"x"[..]; 200];
    let head = [
        &[&b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-long: "[..]],
        &drops[..],
    ]
    .concat();
    let told = raw(&rig, &head, pause).await;
    assert!(
        told.is_empty() || told.starts_with("HTTP/1.1 408"),
        "{told}"
    );
    let start = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 200\r\n\r\n";
    let body = [&[&start[..]], &drops[..]].concat();
    let told = raw(&rig, &body, pause).await;
    assert!(told.starts_with("HTTP/1.1 408"), "{told}");
    assert!(upstream.asked().is_empty());
    assert_eq!(rig.receipts().pop().unwrap()["detail"]["status"], 408);
    let told = rig.post(PATH, &[], REQUEST).await;
    assert_eq!(told.status, StatusCode::OK);
}

#[tokio::test]
async fn a_caller_that_goes_away_before_a_whole_answer_leaves_a_receipt() {
    let asked = Arc::new(tokio::sync::Notify::new());
    let go = asked.clone();
    let upstream = Upstream::start(move |_, _| {
        go.notify_one();
        Answer {
            pause: std::time::Duration::from_millis(300),
            ..Answer::json(ANSWER)
        }
    })
    .await;
    let rig = rig(&one(&upstream, "")).await;
    let address = rig.base.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{REQUEST}",
        REQUEST.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    asked.notified().await;
    drop(socket);
    for _ in 0..500 {
        if let Some(receipt) = rig.receipts().pop() {
            assert_eq!(receipt["detail"]["status"], 200);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("no receipt");
}

#[tokio::test]
async fn a_request_that_ends_before_its_end_leaves_a_receipt_and_asks_nobody() {
    let upstream = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let rig = rig(&one(&upstream, "")).await;
    let address = rig.base.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request =
        format!("POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: 999\r\n\r\n{{\"model");
    socket.write_all(request.as_bytes()).await.unwrap();
    socket.shutdown().await.unwrap();
    let mut told = Vec::new();
    let _ = tokio::time::timeout(LONG, socket.read_to_end(&mut told))
        .await
        .expect("it hangs");
    for _ in 0..500 {
        if let Some(receipt) = rig.receipts().pop() {
            assert_eq!(receipt["detail"]["status"], 400);
            assert!(upstream.asked().is_empty());
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("no receipt");
}

#[tokio::test]
async fn an_upstream_that_says_it_is_done_and_does_not_end_is_not_waited_for() {
    let upstream = Upstream::start(|_, _| Answer {
        pause: std::time::Duration::from_secs(3600),
        ..Answer::events(&["data: [DONE]\n\n"])
    })
    .await;
    let rig = rig(&one(&upstream, "")).await;
    let mut socket = TcpStream::connect(rig.base.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let request = format!(
        "POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{REQUEST}",
        REQUEST.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let (mut told, mut piece) = (String::new(), [0; 512]);
    while !told.contains("[DONE]") {
        let reading = tokio::time::timeout(LONG, socket.read(&mut piece));
        let read = reading.await.expect("it hangs").unwrap();
        assert!(read > 0, "{told}");
        told.push_str(&String::from_utf8_lossy(&piece[..read]));
    }
}

/// A chat request or answer of exactly so many bytes.
fn sized(before: &str, after: &str, bytes: usize) -> String {
    let fill = "a".repeat(bytes - before.len() - after.len());
    format!("{before}{fill}{after}")
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_limit_and_not_a_byte_larger() {
    const MIB: usize = 1 << 20;
    let upstream = Upstream::start(|asked, _| {
        let more = usize::from(asked.path.starts_with("/large"));
        let before = "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"";
        Answer::json(&sized(before, "\"}}]}", MIB + more))
    })
    .await;
    let rig = rig(&one(&upstream, ", \"body-limit\": 1")).await;
    let request = |bytes| {
        let before = "{\"model\":\"gpt-x\",\"messages\":[{\"role\":\"user\",\"content\":\"";
        sized(before, "\"}]}", bytes)
    };
    let told = rig.post(PATH, &[], &request(MIB)).await;
    assert_eq!((told.status, told.body.len()), (StatusCode::OK, MIB));
    let told = rig.post("/large/v1/chat/completions", &[], REQUEST).await;
    assert_eq!(told.status, StatusCode::BAD_GATEWAY);
    // A client that sends all of a body before it reads still sees why it was refused.
    for bytes in [MIB + 1, 3 * MIB] {
        let told = rig.post(PATH, &[], &request(bytes)).await;
        assert_eq!(told.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(told.text().contains("1 MiB"));
    }
    assert_eq!(upstream.asked().len(), 2);
    let statuses: Vec<_> = rig
        .receipts()
        .iter()
        .map(|it| it["detail"]["status"].clone())
        .collect();
    assert_eq!(statuses, [200, 502, 413, 413]);
}

/// Whether it is wanted as a stream stands in the path.
fn with_bytes(asked: &crate::rig::Asked, bytes: &'static [u8]) -> Answer {
    let (mut answer, end) = if asked.path.contains("stream") {
        let start = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi";
        (Answer::events(&[start]), &b"\"}}]}\n\n"[..])
    } else {
        let start = "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"hi";
        (Answer::json(start), &b"\"}}]}"[..])
    };
    answer.pieces.push(bytes::Bytes::from_static(bytes));
    answer.pieces.push(bytes::Bytes::from_static(end));
    answer
}

const STREAM: &str = "/stream/v1/chat/completions";

#[tokio::test]
async fn bytes_that_are_no_text_pass_as_they_are_and_are_said() {
    let upstream = Upstream::start(|asked, _| with_bytes(asked, b"\xff\xc3(")).await;
    let rig = rig(&one(&upstream, "")).await;
    let wrong =
        b"{\"model\":\"gpt-x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\xff\xc3(\"}]}";
    for path in [PATH, STREAM] {
        for request in [&wrong[..], REQUEST.as_bytes()] {
            let told = rig.ask(Method::POST, path, &[], request).await;
            assert_eq!(told.status, StatusCode::OK);
            assert_eq!(upstream.last_asked().body, request);
            assert!(told.body.windows(5).any(|it| it == b"hi\xff\xc3("));
            let detail = rig.receipts().pop().unwrap()["detail"].clone();
            let said = detail["unjudged"].to_string();
            assert!(said.contains("no UTF-8"), "{path}: {detail}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_or_passes_as_it_is_and_is_said() {
    let upstream = Upstream::start(|asked, _| with_bytes(asked, b"\"\x00,,")).await;
    let wrong = "{\"model\":\"gpt-x\",\"messages\":[{\"role\":";

    let closed = rig(&one(&upstream, "")).await;
    let told = closed.post(PATH, &[], wrong).await;
    assert_eq!(told.status, StatusCode::BAD_REQUEST);
    assert!(upstream.asked().is_empty());
    let told = closed.post(PATH, &[], REQUEST).await;
    assert_eq!(told.status, StatusCode::FORBIDDEN);
    assert!(!told.text().contains("hi"));
    let told = closed.post(STREAM, &[], REQUEST).await;
    assert!(told.text().contains("\"error\"") && !told.text().contains("hi"));
    let receipts = closed.receipts();
    assert_eq!(receipts.len(), 3);
    for receipt in &receipts[1..] {
        assert_eq!(receipt["detail"]["decision"], "block");
    }

    let open = rig(&one(&upstream, ", \"unreadable\": \"pass\"")).await;
    for (path, request) in [(PATH, wrong), (PATH, REQUEST), (STREAM, REQUEST)] {
        let told = open.post(path, &[], request).await;
        assert_eq!(told.status, StatusCode::OK);
        assert_eq!(upstream.last_asked().body, request);
        assert!(told.body.windows(6).any(|it| it == b"hi\"\x00,,"));
        let detail = open.receipts().pop().unwrap()["detail"].clone();
        assert!(detail["unjudged_count"].as_u64().unwrap() > 0, "{detail}");
    }
}

#[tokio::test]
async fn many_who_send_byte_by_byte_do_not_keep_others_waiting() {
    let upstream = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let rig = Arc::new(rig(&one(&upstream, ", \"request-timeout\": 3")).await);
    let pause = std::time::Duration::from_millis(200);
    let mut slow = tokio::task::JoinSet::new();
    for number in 0..150 {
        let rig = rig.clone();
        slow.spawn(async move {
            // Half of them are slow with the head, the others with the body.
            let start: &[u8] = match number % 2 {
                0 => b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-long: ",
                _ => b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 900\r\n\r\n",
            };
            let pieces = [&[start][..], &vec![&b"x"[..]; 400][..]].concat();
            raw(&rig, &pieces, pause).await
        });
    }
    tokio::time::sleep(pause).await;
    for _ in 0..20 {
        let told = tokio::time::timeout(LONG, rig.post(PATH, &[], REQUEST));
        assert_eq!(told.await.expect("it waits").status, StatusCode::OK);
    }
    while let Some(told) = slow.join_next().await {
        let told = told.unwrap();
        assert!(
            told.is_empty() || told.starts_with("HTTP/1.1 408"),
            "{told}"
        );
    }
    assert_eq!(upstream.asked().len(), 20);
}

#[tokio::test]
async fn who_closes_its_half_is_gone_and_leaves_a_receipt() {
    let upstream = Upstream::start(|asked, _| match asked.path.starts_with("/stream") {
        true => Answer {
            pause: std::time::Duration::from_millis(50),
            ..Answer::events(&[
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n",
                "data: [DONE]\n\n",
            ])
        },
        false => Answer::json(ANSWER),
    })
    .await;
    let rig = rig(&one(&upstream, "")).await;
    for (number, path) in [PATH, STREAM].into_iter().enumerate() {
        let address = rig.base.strip_prefix("http://").unwrap();
        let mut socket = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{REQUEST}",
            REQUEST.len()
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        socket.shutdown().await.unwrap();
        let mut told = Vec::new();
        let reading = socket.read_to_end(&mut told);
        let _ = tokio::time::timeout(LONG, reading).await.expect("it hangs");
        for _ in 0..500 {
            if rig.receipts().len() > number {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(rig.receipts().len(), number + 1, "{path}");
    }
}

#[tokio::test]
async fn an_upstream_that_ends_a_stream_before_its_end_is_not_taken_for_whole() {
    // Closed in the middle of a chunk, and between two.
    for rest in [&b"ffff\r\ndata: {\"choices\""[..], b""] {
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        let event = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}]}\n\n";
        let event = format!("{:x}\r\n{event}\r\n", event.len());
        let bytes = [&head[..], event.as_bytes(), rest].concat();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut asked = vec![0; 4096];
            let _ = socket.read(&mut asked).await.unwrap();
            socket.write_all(&bytes).await.unwrap();
            // Its half is closed in good order; ours stays open.
            socket.shutdown().await.unwrap();
            let _ = socket.read_to_end(&mut asked).await;
        });
        let rig = rig(&format!(
            "{{\"upstreams\": {{\"it\": {{\"url\": \"http://{address}\", \"auth\": \"none\", \"retries\": 0}}}}}}"
        ))
        .await;
        let asking = rig.post(PATH, &[], REQUEST);
        let told = tokio::time::timeout(LONG, asking).await.expect("it hangs");
        assert!(told.text().contains("hi") && !told.is_whole, "{rest:?}");
        let receipt = rig.receipts().pop().unwrap();
        assert_eq!(
            receipt["detail"]["error"],
            "the upstream broke the stream off"
        );
    }
}

#[tokio::test]
async fn a_body_of_no_known_length_is_refused_at_the_limit_and_not_held() {
    const MIB: usize = 1 << 20;
    let upstream = Upstream::start(|_, _| Answer::json(ANSWER)).await;
    let rig = rig(&one(&upstream, ", \"body-limit\": 1")).await;
    let address = rig.base.strip_prefix("http://").unwrap();
    let (mut reading, mut writing) = TcpStream::connect(address).await.unwrap().into_split();
    let sender = tokio::spawn(async move {
        let head =
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
        writing.write_all(head).await.unwrap();
        let chunk = [
            format!("{MIB:x}\r\n").into_bytes(),
            vec![b'a'; MIB],
            b"\r\n".to_vec(),
        ]
        .concat();
        let mut sent = 0;
        while sent < 100 && writing.write_all(&chunk).await.is_ok() {
            sent += 1;
        }
        sent
    });
    let mut told = Vec::new();
    let read = tokio::time::timeout(LONG, reading.read_to_end(&mut told));
    let _ = read.await.expect("it hangs");
    let told = String::from_utf8_lossy(&told);
    assert!(told.starts_with("HTTP/1.1 413"), "{told}");
    drop(reading);
    // It is read on for a while, so that the answer is seen; not for ever.
    let sent = tokio::time::timeout(LONG, sender).await.expect("it hangs");
    assert!(sent.unwrap() < 100);
    assert!(upstream.asked().is_empty());
    assert_eq!(rig.receipts().pop().unwrap()["detail"]["status"], 413);
}
