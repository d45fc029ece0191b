//! Small servers that write down what they get: one speaks HTTP, one SMTP.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256};

use crate::jobs::eventually;

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) line: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no {name} in {self:?}")).1
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    /// A status, and more of the head and body.
    Status(u16, &'static str),
    /// Nothing, for as long as the other side waits.
    Silence,
}

/// A server that answers from a list, then with 200.
pub(super) struct Receiver {
    pub(super) url: String,
    got: Arc<Mutex<Vec<Request>>>,
}

impl Receiver {
    pub(super) fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!(
            "http://{}/hook/s3cret?key=42",
            listener.local_addr().unwrap()
        );
        let got = Arc::new(Mutex::new(Vec::new()));
        let replies = Mutex::new(replies.into_iter().collect::<VecDeque<_>>());
        let keep = got.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let reply = replies.lock().unwrap().pop_front();
                take(
                    stream.unwrap(),
                    reply.unwrap_or(Reply::Status(200, "")),
                    &keep,
                );
            }
        });
        Self { url, got }
    }

    pub(super) fn got(&self) -> Vec<Request> {
        self.got.lock().unwrap().clone()
    }

    /// Waits for so many requests.
    pub(super) fn wait(&self, count: usize) -> Vec<Request> {
        eventually("the requests do not come", || {
            Some(self.got()).filter(|got| got.len() >= count)
        })
    }
}

fn take(mut stream: TcpStream, reply: Reply, got: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    if lines.is_empty() {
        return;
    }
    let headers: Vec<(String, String)> = lines[1..]
        .iter()
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_ascii_lowercase(), value.trim().to_owned())
        })
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, length)| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    got.lock().unwrap().push(Request {
        line: lines[0].clone(),
        headers,
        body: String::from_utf8(body).unwrap(),
    });
    match reply {
        Reply::Status(status, more) => {
            let more = if more.is_empty() { "\r\nthanks" } else { more };
            let _ = write!(stream, "HTTP/1.1 {status} X\r\nconnection: close\r\n{more}");
        }
        // Until the other side gives up.
        Reply::Silence => drop(reader.read(&mut [0])),
    }
}

/// Whether a request is signed with the secret, worked out apart from the product.
pub(super) fn is_signed(request: &Request, secret: &str) -> bool {
    let key = base64(secret.strip_prefix("whsec_").unwrap());
    let signed = format!(
        "{}.{}.{}",
        request.header("webhook-id"),
        request.header("webhook-timestamp"),
        request.body
    );
    let (mut inner, mut outer) = (vec![0x36; 64], vec![0x5c; 64]);
    for (place, byte) in key.iter().enumerate() {
        inner[place] ^= byte;
        outer[place] ^= byte;
    }
    inner.extend_from_slice(signed.as_bytes());
    outer.extend_from_slice(&Sha256::digest(&inner));
    let signature = request.header("webhook-signature").strip_prefix("v1,");
    base64(signature.unwrap()) == Sha256::digest(&outer).to_vec()
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let digit = DIGITS.iter().position(|known| *known == byte).unwrap();
        held = (held << 6) | u32::try_from(digit).unwrap();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap());
        }
    }
    bytes
}

/// A letter as it came.
#[derive(Clone, Debug, Default)]
pub(super) struct Letter {
    pub(super) from: String,
    pub(super) to: Vec<String>,
    pub(super) text: String,
}

impl Letter {
    /// The value of a header of the letter, its lines joined.
    pub(super) fn header(&self, name: &str) -> String {
        let head = self.text.split("\r\n\r\n").next().unwrap();
        let head = head.replace("\r\n ", " ");
        let line = head
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")));
        line.map_or_else(String::new, |line| {
            line.split_once(':').unwrap().1.trim().to_owned()
        })
    }

    /// The text with what transport does to lines undone.
    pub(super) fn unfolded(&self) -> String {
        self.text.replace("=\r\n", "").replace("=3D", "=")
    }
}

/// A mail server that answers to the text of a letter from a list, then with 250.
pub(super) struct Mailbox {
    pub(super) port: u16,
    got: Arc<Mutex<Vec<Letter>>>,
}

impl Mailbox {
    pub(super) fn start(replies: impl IntoIterator<Item = &'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let got = Arc::new(Mutex::new(Vec::new()));
        let replies = Mutex::new(replies.into_iter().collect::<VecDeque<_>>());
        let keep = got.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                talk(stream.unwrap(), &replies, &keep);
            }
        });
        Self { port, got }
    }

    pub(super) fn got(&self) -> Vec<Letter> {
        self.got.lock().unwrap().clone()
    }
}

fn talk(mut stream: TcpStream, replies: &Mutex<VecDeque<&'static str>>, got: &Mutex<Vec<Letter>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut letter = Letter::default();
    stream.write_all(b"220 ready\r\n").unwrap();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end();
        let answer = match line.split([' ', ':']).next().unwrap() {
            "MAIL" => {
                line.clone_into(&mut letter.from);
                "250 ok"
            }
            "RCPT" => {
                letter.to.push(line.to_owned());
                "250 ok"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").unwrap();
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    if line == ".\r\n" {
                        break;
                    }
                    letter.text.push_str(&line);
                }
                let reply = replies.lock().unwrap().pop_front();
                let reply = reply.unwrap_or("250 taken as 4711");
                if reply.starts_with('2') {
                    got.lock().unwrap().push(std::mem::take(&mut letter));
                }
                reply
            }
            "QUIT" => "221 bye",
            _ => "250 hello",
        };
        if stream
            .write_all(format!("{answer}\r\n").as_bytes())
            .is_err()
            || answer.starts_with("221")
        {
            return;
        }
    }
}
