//! Servers that answer everything, nothing, too much or too slowly.

use std::io::Write as _;
use std::net::TcpListener;
use std::time::Duration;

use stance_services::plan::Hints;

use super::{OLLAMA, found, product, reply, serve};
use crate::host::address::Address;
use crate::host::probe::{Asked, ask};

#[test]
fn servers_that_say_the_same_to_everything_are_nothing() {
    let everything = "Ollama is running <title>MLflow</title> Ray Dashboard ComfyUI vllm: pong";
    assert!(found(serve(move |_, stream| reply(stream, 200, "", everything))).is_none());
    // A body that differs each time, with every key there is.
    let port = serve(|path, stream| {
        let body = format!(
            r#"{{"version":"1.0.0","title":"qdrant x","models":[{{"name":"x","digest":"y"}}],"object":"list","data":[{{"id":"x","object":"model","owned_by":"vllm"}}],"router":"text-generation-router","model_id":"x","status":"ok","path":"{path}"}}"#
        );
        reply(stream, 200, "", &body);
    });
    assert!(found(port).is_none());
    // An ordinary web server.
    let page = "<html><title>Welcome to nginx!</title></html>";
    let port = serve(move |path, stream| match path {
        "/" => reply(stream, 200, "Server: nginx\r\n", page),
        "/health" => reply(stream, 200, "", r#"{"status":"ok"}"#),
        "/metrics" => reply(stream, 200, "", "go_goroutines 1\n"),
        _ => reply(stream, 404, "Server: nginx\r\n", "<h1>404 Not Found</h1>"),
    });
    assert!(found(port).is_none());
}

#[test]
fn hostile_servers_neither_hang_nor_crash_the_client() {
    let patience = Duration::from_millis(300);
    let port_of: Vec<u16> = vec![
        // One byte at a time, for ever.
        serve(|_, stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            while stream.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        }),
        // A body without end.
        serve(|_, stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            while stream.write_all(&[b'y'; 4096]).is_ok() {}
        }),
        // A head without end.
        serve(|_, stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            while stream
                .write_all(b"X-Filler: 0123456789abcdef0123456789abcdef\r\n")
                .is_ok()
            {}
        }),
        // No HTTP.
        serve(|_, stream| {
            let _ = stream.write_all(&[0, 159, 146, 150, 255, 13, 10, 0, 1, 2]);
        }),
        serve(|_, _| std::thread::sleep(Duration::from_secs(20))),
        serve(|_, stream| reply(stream, 999, "", "x")),
        serve(|_, stream| {
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx");
        }),
        serve(|_, stream| {
            let _ = stream.write_all(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nx",
            );
        }),
        // Deep nesting where JSON is expected.
        serve(|_, stream| reply(stream, 200, "", &"[".repeat(200_000))),
    ];
    for port in port_of {
        let address: Address = format!("127.0.0.1:{port}").parse().unwrap();
        let asked = ask(&address, &Hints::default(), "stance-word", patience);
        assert!(!matches!(asked, Asked::Service(_)));
    }
}

#[test]
fn redirects_are_not_followed() {
    // Whoever follows meets a product.
    let elsewhere = product(OLLAMA, ("", 404, "", "404 page not found"));
    let port = serve(move |path, stream| {
        let to = format!("Location: http://127.0.0.1:{elsewhere}{path}\r\n");
        reply(stream, 302, &to, "");
    });
    assert!(found(port).is_none());
    let own = serve(|path, stream| reply(stream, 307, &format!("Location: {path}\r\n"), ""));
    assert!(found(own).is_none());
}

#[test]
fn nobody_at_an_address_is_told_apart_from_somebody() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let address: Address = format!("127.0.0.1:{port}").parse().unwrap();
    let asked = ask(&address, &Hints::default(), "w", Duration::from_secs(1));
    assert!(matches!(asked, Asked::Closed));
}
