//! Very many callers at once: streams that take their time, and callers who send next to nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use super::{Gateway, receipts, verify};
use crate::harness::Scratch;

/// Streams at once: each is a connection on either side, and many systems give a process 1,024. `benches/gateway.py` has 1,000.
const STREAMS: usize = 200;

/// Callers who never come to the end of their head.
const IDLERS: usize = 100;

/// Most memory of the gateway with all of them, in MB.
const MEMORY: u64 = 150;

const EVENT: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"some words \"}}]}\n\n";

/// Held until all streams are under way.
type Gate = Arc<(Mutex<bool>, Condvar)>;

/// A provider that begins every stream and ends none before it is told to.
fn provider(gate: &Gate) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let gate = gate.clone();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let (socket, gate) = (socket.unwrap(), gate.clone());
            std::thread::spawn(move || stream(socket, &gate));
        }
    });
    url
}

fn stream(mut socket: TcpStream, gate: &Gate) -> Option<()> {
    let mut reader = BufReader::new(socket.try_clone().ok()?);
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).ok()?;
    }
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    write!(
        socket,
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n{}",
        chunk(EVENT)
    )
    .ok()?;
    let (is_open, told) = &**gate;
    drop(
        told.wait_while(is_open.lock().ok()?, |is_open| !*is_open)
            .ok()?,
    );
    let rest = format!("{}{}0\r\n\r\n", chunk(EVENT), chunk("data: [DONE]\n\n"));
    socket.write_all(rest.as_bytes()).ok()
}

fn connect(gateway: &Gateway) -> TcpStream {
    let address = gateway.url.strip_prefix("http://").unwrap();
    let socket = TcpStream::connect(address).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    socket
}

/// Reads until `end` was there.
fn read_to(socket: &mut TcpStream, end: &str) -> String {
    let (mut told, mut piece) = (String::new(), [0; 1024]);
    while !told.contains(end) {
        let read = socket.read(&mut piece).unwrap();
        assert!(read > 0, "{told}");
        told.push_str(&String::from_utf8_lossy(&piece[..read]));
    }
    told
}

/// MB of memory of a process; none where the system does not tell.
fn memory(gateway: &Gateway) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", gateway.child.id())).ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes / 1024)
}

#[test]
fn many_slow_streams_go_on_side_by_side_and_end_well() {
    let scratch = Scratch::new();
    let gate = Gate::default();
    let path = scratch.path().join("stance.toml");
    let text = format!(
        "[gateway.upstreams.models]\nurl = \"{}\"\nauth = \"none\"\n",
        provider(&gate)
    );
    std::fs::write(&path, text).unwrap();
    let mut command = scratch.command();
    command.args(["gateway", "--listen", "127.0.0.1:0", "--config"]);
    command.arg(path);
    let gateway = Gateway::start(command);

    let idlers: Vec<TcpStream> = (0..IDLERS)
        .map(|_| {
            let mut socket = connect(&gateway);
            socket.write_all(b"POST /v1/chat").unwrap();
            socket
        })
        .collect();
    let body = "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Tell me more.\"}]}";
    let request = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut streams: Vec<TcpStream> = (0..STREAMS)
        .map(|_| {
            let mut socket = connect(&gateway);
            socket.write_all(request.as_bytes()).unwrap();
            socket
        })
        .collect();
    for socket in &mut streams {
        read_to(socket, "some");
    }
    // All of them are under way now.
    if let Some(memory) = memory(&gateway) {
        assert!(memory < MEMORY, "{memory} MB");
    }
    let (is_open, told) = &*gate;
    *is_open.lock().unwrap() = true;
    told.notify_all();
    for socket in &mut streams {
        read_to(socket, "[DONE]");
    }
    drop((streams, idlers));
    gateway.kill();
    let written = receipts(&scratch);
    assert_eq!(written.len(), STREAMS);
    assert!(written.iter().all(|it| it["detail"]["error"].is_null()));
    assert_eq!(verify(&scratch).code, 0);
}
