//! Protocols that many speak, and servers that copy marks of others.

use std::io::Write as _;
use std::time::Duration;

use stance_core::Confidence;
use stance_services::Access;

use super::{NOT_FOUND, OLLAMA, PAGE, Route, found, product, reply, serve, told};

#[test]
fn the_models_that_a_server_has_are_told() {
    let port = product(OLLAMA, ("", 404, "", "404 page not found"));
    assert_eq!(told(port).0, Some("ollama"));
    assert_eq!(told(port).3, ["a:1", "b:2"]);
}

#[test]
fn an_mcp_endpoint_is_known_without_opening_a_session() {
    let routes: &'static [Route] = &[(
        "/mcp",
        406,
        "",
        r#"{"jsonrpc":"2.0","id":"server-error","error":{"code":-32600,"message":"Not Acceptable: Client must accept text/event-stream"}}"#,
    )];
    let identity = found(product(routes, ("", 404, "", "Not Found"))).unwrap();
    assert_eq!(identity.service().unwrap().id, "mcp");
    assert_eq!(identity.access, Access::Open);
    let guarded: &'static [Route] = &[(
        "/mcp",
        401,
        "WWW-Authenticate: Bearer resource_metadata=\"http://x/.well-known/oauth-protected-resource\"\r\n",
        r#"{"error":"invalid_token"}"#,
    )];
    let identity = found(product(guarded, ("", 404, "", "Not Found"))).unwrap();
    assert_eq!(identity.service().unwrap().id, "mcp");
    assert_eq!(identity.access, Access::Required);
    // The older transport: an event stream that never ends.
    let port = serve(|path, stream| {
        if path == "/sse" {
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: endpoint\ndata: /messages?x=1\n\n"
            );
            std::thread::sleep(Duration::from_secs(30));
        } else {
            reply(stream, 404, "", "Not Found");
        }
    });
    assert_eq!(found(port).unwrap().service().unwrap().id, "mcp");
}

#[test]
fn servers_that_speak_a_shared_protocol_are_not_given_a_name() {
    let port = product(
        &[(
            "/v1/models",
            200,
            "",
            r#"{"object":"list","data":[{"id":"m","object":"model","owned_by":"me"}]}"#,
        )],
        NOT_FOUND,
    );
    let identity = found(port).unwrap();
    assert!(identity.product.is_none());
    assert_eq!(identity.service().unwrap().id, "openai-api");
    assert_eq!(identity.confidence, Confidence::Medium);
    assert_eq!(identity.models, ["m"]);
}

#[test]
fn one_copied_mark_is_no_product() {
    // The banner alone.
    let identity = found(product(&[("/", 200, "", "Ollama is running")], PAGE)).unwrap();
    assert!(identity.product.is_none());
    assert_eq!(identity.confidence, Confidence::Low);
    assert_eq!(identity.perhaps[0].id, "ollama");
    // The header of one product on another.
    let port = product(
        &[
            ("/", 200, "Server: llama.cpp\r\n", "Ollama is running"),
            (
                "/api/version",
                200,
                "Server: llama.cpp\r\n",
                r#"{"version":"0.13.1"}"#,
            ),
            (
                "/api/tags",
                200,
                "Server: llama.cpp\r\n",
                r#"{"models":[]}"#,
            ),
            ("/api/ps", 200, "Server: llama.cpp\r\n", r#"{"models":[]}"#),
        ],
        ("", 404, "Server: llama.cpp\r\n", "404 page not found"),
    );
    assert_eq!(told(port).0, Some("ollama"));
    // All marks of two products leave both in doubt.
    let port = product(
        &[
            (
                "/",
                200,
                "",
                r#"{"title":"qdrant - vector search engine","version":"1.16.0"}"#,
            ),
            (
                "/collections",
                200,
                "",
                r#"{"result":{"collections":[]},"status":"ok"}"#,
            ),
            (
                "/api/v2/heartbeat",
                200,
                "",
                r#"{"nanosecond heartbeat":1}"#,
            ),
            (
                "/api/v2/pre-flight-checks",
                200,
                "",
                r#"{"max_batch_size":1}"#,
            ),
            ("/api/v2/version", 200, "", "\"1.0.0\""),
        ],
        PAGE,
    );
    let identity = found(port).unwrap();
    assert!(identity.product.is_none());
    assert_eq!(identity.perhaps.len(), 2);
}
