//! Which pages of a browser may call: against pages that have their own name lead to this machine (DNS rebinding).

use hyper::StatusCode;
use hyper::Uri;
use hyper::header::{HOST, HeaderMap, ORIGIN};
use hyper::http::request::Parts;

use crate::proxy::Refused;
use crate::server::Reach;
use crate::settings::Settings;

/// Refuses what a page sends that may not.
pub(crate) fn check(settings: &Settings, head: &Parts) -> Result<(), Refused> {
    let is_local = head
        .extensions
        .get::<Reach>()
        .is_none_or(|reach| reach.is_local);
    let refused = |what: &str| Err(Refused::new(StatusCode::FORBIDDEN, what));
    let text = |name| told(&head.headers, name);
    let host = text(HOST).unwrap_or_default();
    if is_local && !is_loopback(host) && !is_named(settings, host) {
        return refused(
            "This gateway listens on this machine only, and the Host header names another.",
        );
    }
    let Some(origin) = text(ORIGIN) else {
        return Ok(());
    };
    let named = settings
        .origins
        .iter()
        .any(|it| it.trim_end_matches('/') == origin);
    let authority = origin.split_once("://").map_or("", |(_, rest)| rest);
    let own = match is_local {
        true => is_loopback(authority),
        false => authority.eq_ignore_ascii_case(host),
    };
    if named || own {
        return Ok(());
    }
    refused("Pages of this origin may not call here; `gateway.origins` names those that may.")
}

fn told(headers: &HeaderMap, name: hyper::header::HeaderName) -> Option<&str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

/// Whether a host, with or without a port, is this machine.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// Whether an origin that may call has this host: a proxy before the gateway keeps it.
fn is_named(settings: &Settings, host: &str) -> bool {
    settings.origins.iter().any(|origin| {
        origin
            .parse::<Uri>()
            .ok()
            .and_then(|uri| Some(uri.authority()?.as_str() == host))
            .unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_let_in(is_local: bool, host: &str, origin: Option<&str>) -> bool {
        let settings = Settings {
            origins: vec!["https://app.example.org".to_owned()],
            ..Settings::default()
        };
        let mut request = hyper::Request::builder().header(HOST, host);
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        let (mut head, ()) = request.body(()).unwrap().into_parts();
        head.extensions.insert(Reach { is_local });
        check(&settings, &head).is_ok()
    }

    #[test]
    fn only_pages_of_this_machine_and_those_named_call() {
        for host in [
            "127.0.0.1:7879",
            "localhost:7879",
            "[::1]:7879",
            "127.9.9.9",
        ] {
            assert!(is_let_in(true, host, None), "{host}");
            assert!(
                is_let_in(true, host, Some("http://localhost:3000")),
                "{host}"
            );
            assert!(
                is_let_in(true, host, Some("https://app.example.org")),
                "{host}"
            );
            assert!(
                !is_let_in(true, host, Some("http://evil.example")),
                "{host}"
            );
            assert!(!is_let_in(true, host, Some("null")), "{host}");
        }
        assert!(!is_let_in(true, "evil.example:7879", None));
        assert!(!is_let_in(true, "localhost.evil.example", None));
        assert!(is_let_in(true, "app.example.org", None));
        assert!(is_let_in(false, "gateway.example.org", None));
        assert!(is_let_in(
            false,
            "gateway.example.org",
            Some("https://gateway.example.org")
        ));
        assert!(is_let_in(
            false,
            "gateway.example.org",
            Some("https://app.example.org")
        ));
        assert!(!is_let_in(
            false,
            "gateway.example.org",
            Some("https://evil.example")
        ));
        assert!(!is_let_in(
            false,
            "gateway.example.org",
            Some("http://localhost:3000")
        ));
    }
}
