//! Where the ports of a container can be reached from.

use stance_core::fact::{Service, Setting};

/// The ports of a service that are published on every interface of the host.
pub(crate) fn on_all_interfaces(service: &Service) -> impl Iterator<Item = &Setting> {
    service.ports.iter().filter(|port| is_on_all(&port.value))
}

/// Whether a published port, in the short form of compose, is bound to every interface.
fn is_on_all(port: &str) -> bool {
    let port = with_defaults(port);
    let port = port.split('/').next().unwrap_or_default();
    // `[::1]:8000:8000` and `127.0.0.1:8000:8000` name their interface; `8000:8000` and `8000` do not.
    let host = match port.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => match port.matches(':').count() {
            0 | 1 => return true,
            2 => port.split(':').next().unwrap_or_default(),
            _ => port,
        },
    };
    matches!(host, "" | "0.0.0.0" | "::" | "*")
}

/// `${NAME:-default}` replaced by its default, a variable without one by a word that is no address.
fn with_defaults(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        out.push_str(before);
        let (inner, after) = behind.split_once('}').unwrap_or((behind, ""));
        let default = inner.split_once(":-").or_else(|| inner.split_once('-'));
        out.push_str(default.map_or("variable", |(_, default)| default));
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::is_on_all;

    #[test]
    fn only_a_port_that_names_its_interface_stays_on_it() {
        for (port, all) in [
            ("8000:8000", true),
            ("8000", true),
            ("0.0.0.0:8000:8000", true),
            ("${PORT:-8000}:8000", true),
            ("${PORT}:8000/tcp", true),
            ("[::]:8000:8000", true),
            ("127.0.0.1:8000:8000", false),
            ("127.0.0.1::8000", false),
            ("localhost:8000:8000", false),
            ("[::1]:8000:8000", false),
            ("10.0.0.5:8000:8000", false),
            ("${BIND:-127.0.0.1}:8000:8000", false),
            ("${BIND}:8000:8000", false),
        ] {
            assert_eq!(is_on_all(port), all, "{port}");
        }
    }
}
