//! The provider: answers at once, or word by word.

use std::io::{Result, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use crate::http::{Reader, find};
use crate::words;

/// Between two words of a stream, and of one that is slow.
const PACE: Duration = Duration::from_millis(5);
const SLOW: Duration = Duration::from_millis(200);

/// What is answered, made once.
struct Answers {
    whole: Vec<u8>,
    tools: Vec<u8>,
    events: Vec<Vec<u8>>,
}

/// Listens until it is ended.
pub(crate) fn serve(address: &str) -> Result<()> {
    let listener = TcpListener::bind(address)?;
    println!("http://{}", listener.local_addr()?);
    let whole = |with_tools| {
        let text = words::answer(with_tools);
        let length = text.len();
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{text}")
            .into_bytes()
    };
    let events = words::events();
    let answers = Arc::new(Answers {
        whole: whole(false),
        tools: whole(true),
        events: events.iter().map(|it| chunk(it)).collect(),
    });
    for socket in listener.incoming() {
        let answers = answers.clone();
        let socket = socket?;
        std::thread::Builder::new()
            .stack_size(128 << 10)
            .spawn(move || answer(&socket, &answers))?;
    }
    Ok(())
}

fn chunk(text: &str) -> Vec<u8> {
    format!("{:x}\r\n{text}\r\n", text.len()).into_bytes()
}

/// Answers on one connection until it ends.
fn answer(mut socket: &TcpStream, answers: &Answers) -> Result<()> {
    socket.set_nodelay(true)?;
    let mut reader = Reader::new(socket);
    while let Some(head) = reader.head()? {
        let body = reader.body(&head, |_| ())?;
        let has = |text: &str| find(&body, text.as_bytes()).is_some();
        if !has("\"stream\":true") && !has("\"stream\": true") {
            socket.write_all(match has("\"tools\"") {
                true => &answers.tools,
                false => &answers.whole,
            })?;
            continue;
        }
        let pace = if has("slow") { SLOW } else { PACE };
        socket.write_all(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
        )?;
        for (number, event) in answers.events.iter().enumerate() {
            // The first says who speaks, the second has the first word.
            if number > 1 {
                std::thread::sleep(pace);
            }
            socket.write_all(event)?;
        }
        socket.write_all(b"0\r\n\r\n")?;
    }
    Ok(())
}
