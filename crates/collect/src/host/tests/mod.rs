//! Servers made for the purpose: products as they answer, and servers that would be taken for them.

mod hostile;
mod imitators;
mod products;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use stance_services::plan::Hints;
use stance_services::{Access, Identity};

use super::address::Address;
use super::probe::{Asked, ask};

/// Path, status, further header lines, body.
type Route = (&'static str, u16, &'static str, &'static str);

/// Starts a server that lives as long as the test, and says at which port.
fn serve(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = std::sync::Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let answer = std::sync::Arc::clone(&answer);
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let first = lines.next().and_then(Result::ok).unwrap_or_default();
                while lines
                    .next()
                    .and_then(Result::ok)
                    .is_some_and(|line| !line.is_empty())
                {}
                let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
                assert!(first.is_empty() || first.starts_with("GET "), "{first}");
                answer(&path, &mut stream);
            });
        }
    });
    port
}

fn reply(stream: &mut TcpStream, status: u16, headers: &str, body: &str) {
    let length = body.len();
    let kind = if body.starts_with(['{', '[']) {
        "application/json"
    } else {
        "text/html"
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{headers}Connection: close\r\n\r\n{body}"
    );
}

/// A server with these routes; everything else is `otherwise`.
fn product(routes: &'static [Route], otherwise: Route) -> u16 {
    serve(move |path, stream| {
        let known = routes.iter().find(|(own, ..)| *own == path);
        let (_, status, headers, body) = known.copied().unwrap_or(otherwise);
        reply(stream, status, headers, &body.replace("{path}", path));
    })
}

/// What Ollama answers, with two models.
const OLLAMA: &[Route] = &[
    ("/", 200, "", "Ollama is running"),
    ("/api/version", 200, "", r#"{"version":"0.13.1"}"#),
    (
        "/api/tags",
        200,
        "",
        r#"{"models":[{"name":"a:1","digest":"x"},{"name":"b:2","digest":"y"}]}"#,
    ),
];

const NOT_FOUND: Route = ("", 404, "", r#"{"detail":"Not Found"}"#);
const PAGE: Route = ("", 404, "", "<html><h1>404</h1></html>");

fn found(port: u16) -> Option<Identity<'static>> {
    let address: Address = format!("127.0.0.1:{port}").parse().unwrap();
    let hints = Hints {
        port,
        process: None,
    };
    match ask(
        &address,
        &hints,
        "stance-0123456789abcdef",
        Duration::from_millis(1500),
    ) {
        Asked::Service(found) => Some(found.identity),
        _ => None,
    }
}

fn told(port: u16) -> (Option<&'static str>, Option<String>, Access, Vec<String>) {
    let identity = found(port).unwrap_or_else(|| panic!("nothing was identified"));
    (
        identity.product.map(|it| it.id.as_str()),
        identity.version,
        identity.access,
        identity.models,
    )
}
