//! Whether a service answers.

use std::time::Duration;

use super::Area;

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Most bytes of its answer that are read.
const MOST: u64 = 16 << 10;

/// Asks the service at `url` whether it is ready.
pub(super) fn ready(area: &mut Area<'_>, url: &str) {
    let url = url.trim_end_matches('/');
    let mut tls = ureq::tls::TlsConfig::builder();
    if is_loopback(url) {
        // A certificate is made out for the name that people use, not for this machine; nothing secret is asked here.
        tls = tls.disable_verification(true);
    }
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .tls_config(tls.build())
        .build()
        .into();
    let asked = agent.get(format!("{url}/readyz")).call();
    let mut answer = match asked {
        Ok(answer) => answer,
        Err(error) => {
            area.wrong(
                format!("{url} does not answer: {error}"),
                "see whether the service runs, where it listens, and what its log says",
            );
            return;
        }
    };
    let status = answer.status().as_u16();
    let text = answer
        .body_mut()
        .with_config()
        .limit(MOST)
        .read_to_string()
        .unwrap_or_default();
    let body: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    if status == 200 && body["status"] == "ready" {
        area.ok(format!("{url} is ready"));
        return;
    }
    let detail = body["detail"].as_str().unwrap_or("it says something else");
    area.wrong(
        format!("{url} is not ready: {status}, {detail}"),
        "the log of the service tells why",
    );
}

/// Whether the address is one of this machine.
fn is_loopback(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return false;
    };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_loopback() {
        for url in [
            "https://127.0.0.1:7878",
            "https://localhost/",
            "http://[::1]:1",
            "https://127.3.2.1",
        ] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://127.0.0.1.example.org",
            "https://localhost.example.org",
            "https://10.0.0.1",
            "127.0.0.1",
            "https://[2001:db8::1]:1",
            "https://user@127.0.0.1",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
