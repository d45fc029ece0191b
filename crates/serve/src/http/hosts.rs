//! Under which names the server answers. On loopback only under names of loopback: otherwise any page in a browser of
//! this machine could let its own name point here and read (DNS rebinding).

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app::App;
use crate::error::ApiError;

pub(crate) async fn known_host(State(app): State<App>, request: Request, next: Next) -> Response {
    match named(&request) {
        None => ApiError::bad_request("one `Host` is needed").into_response(),
        Some(host) if app.settings.answers_to(&host) => next.run(request).await,
        Some(host) => ApiError::bad_request(format!(
            "this server does not answer to the name `{}`; start it with `--public-url` if it is to",
            host.chars().take(100).collect::<String>()
        ))
        .into_response(),
    }
}

/// The name by which the server was called, with the port.
pub(crate) fn named(request: &Request) -> Option<String> {
    if let Some(authority) = request.uri().authority() {
        return Some(authority.as_str().to_ascii_lowercase());
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    let host = hosts.next()?.to_str().ok()?;
    hosts.next().is_none().then(|| host.to_ascii_lowercase())
}

/// A host without its port; brackets of IPv6 stay.
pub(crate) fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|byte| byte.is_ascii_digit())
                && (!name.contains(':') || name.ends_with(']')) =>
        {
            name
        }
        _ => host,
    }
}
