//! A provider of models that answers everything alike, whole or as a stream.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

/// What it says, in a whole answer and at the end of a stream.
pub(super) const WORDS: &str = "good morning";

/// Listens as long as the process of the test lives.
pub(super) struct Provider {
    pub(super) url: String,
}

impl Provider {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let socket = socket.unwrap();
                std::thread::spawn(move || serve(&socket));
            }
        });
        Self { url }
    }
}

/// Answers on one connection until it ends; a gateway that is killed ends it anywhere.
fn serve(socket: &TcpStream) -> Option<()> {
    socket.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(socket.try_clone().ok()?);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let body = String::from_utf8(body).ok()?;
        answer(socket, body.contains("\"stream\":true")).ok()?;
    }
}

fn answer(mut socket: &TcpStream, stream: bool) -> std::io::Result<()> {
    if !stream {
        let text = format!(
            "{{\"object\":\"chat.completion\",\"model\":\"a-model\",\"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{WORDS}\"}}}}]}}"
        );
        return write!(
            socket,
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
            text.len()
        );
    }
    write!(
        socket,
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )?;
    for word in ["one ", "two ", "three ", WORDS] {
        let event = format!(
            "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}}}}]}}\n\n"
        );
        write!(socket, "{:x}\r\n{event}\r\n", event.len())?;
        std::thread::sleep(std::time::Duration::from_micros(300));
    }
    let end = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
    write!(socket, "{:x}\r\n{end}\r\n", end.len())?;
    let end = "data: [DONE]\n\n";
    write!(socket, "{:x}\r\n{end}\r\n0\r\n\r\n", end.len())
}
