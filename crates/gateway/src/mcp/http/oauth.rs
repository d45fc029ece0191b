//! How a client finds out whom to ask for a token (RFC 9728, RFC 8414), with the gateway in between.
//!
//! The name of an upstream stands first in a path, but these paths begin with `/.well-known/`. What a server says that it is
//! has to be what the client dialled: its own address is replaced by that of the gateway, in the metadata and where it says
//! where the metadata is. Authorization servers stay where they are: clients dial them themselves.

use bytes::Bytes;
use hyper::header::{HOST, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use hyper::http::request::Parts;
use hyper::{Method, Uri};
use stance_wire::Limits;
use stance_wire::json::{Document, Edits, Value};

use crate::upstream::Upstream;

const WELL_KNOWN: &str = "/.well-known/";

/// Documents that tell about tokens and agents.
const DOCUMENTS: [&str; 5] = [
    "oauth-protected-resource",
    "oauth-authorization-server",
    "openid-configuration",
    "agent-card.json",
    "agent.json",
];

/// `/.well-known/DOCUMENT/NAME/REST` as `/NAME/.well-known/DOCUMENT/REST`, where an upstream has that name; `None` for any other
/// target.
pub(crate) fn discovery(target: &str, is_upstream: impl Fn(&str) -> bool) -> Option<String> {
    let rest = target.strip_prefix(WELL_KNOWN)?;
    let (document, rest) = rest.split_once('/')?;
    if !DOCUMENTS.contains(&document) {
        return None;
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    is_upstream(name).then_some(())?;
    Some(format!("/{name}{WELL_KNOWN}{document}{rest}"))
}

/// Whether a request asks for one of those documents.
pub(crate) fn is_discovery(method: &Method, path: &str) -> bool {
    method == Method::GET
        && path
            .strip_prefix(WELL_KNOWN)
            .and_then(|rest| rest.split(['/', '?']).next())
            .is_some_and(|document| DOCUMENTS.contains(&document))
}

/// The address of an upstream as a caller knows it: that of the gateway, with the name before its path.
#[derive(Debug)]
pub(crate) struct Public {
    /// The address of the upstream, without a slash at its end.
    own: String,
    /// What stands there instead.
    public: String,
}

impl Public {
    /// As the caller of this request knows it.
    pub(crate) fn of(head: &Parts, upstream: &Upstream, prefix: &str) -> Option<Self> {
        let host = head.headers.get(HOST)?.to_str().ok()?;
        let forwarded = head.headers.get("x-forwarded-proto");
        let scheme = match forwarded.map(HeaderValue::as_bytes) {
            Some(b"https") => "https",
            _ => "http",
        };
        Some(Self {
            own: format!("{}{}", upstream.address.origin, upstream.address.path),
            public: format!("{scheme}://{host}{prefix}"),
        })
    }

    /// What stands before paths of the upstream, where a name of it does.
    pub(crate) fn prefix(&self) -> &str {
        let rest = self.public.split_once("://").map_or("", |(_, rest)| rest);
        rest.find('/')
            .and_then(|at| rest.get(at..))
            .unwrap_or_default()
    }

    /// An address of the upstream, as the caller has to dial it.
    pub(crate) fn address(&self, own: &str) -> Option<String> {
        let rest = own.strip_prefix(&self.own)?;
        let is_within = rest.is_empty() || rest.starts_with(['/', '?']);
        is_within.then(|| format!("{}{rest}", self.public))
    }

    /// Metadata of a protected resource, with the address of the gateway.
    pub(crate) fn metadata(&self, body: &[u8]) -> Option<Bytes> {
        let document = Document::read(body, &Limits::default()).ok()?;
        let resource = document.root().get("resource")?;
        let mut edits = Edits::default();
        edits.replace_text(resource.span(), &self.address(&resource.text()?)?);
        Some(edits.applied(body).into())
    }

    /// The card of an agent whose addresses are those of the gateway; `None` where it names none of the upstream.
    pub(crate) fn card(&self, body: &[u8]) -> Option<Bytes> {
        let document = Document::read(body, &Limits::default()).ok()?;
        let root = document.root();
        let more = ["additionalInterfaces", "supportedInterfaces"]
            .into_iter()
            .filter_map(|key| root.get(key))
            .flat_map(Value::elements);
        let mut edits = Edits::default();
        for place in std::iter::once(root).chain(more) {
            let binding = place
                .text_of("protocolBinding")
                .or_else(|| place.text_of("transport"));
            let Some(url) = place.get("url") else {
                continue;
            };
            if binding.is_none_or(|binding| binding.eq_ignore_ascii_case("JSONRPC"))
                && let Some(address) = url.text().and_then(|url| self.agent(&url))
            {
                edits.replace_text(url.span(), &address);
            }
        }
        (!edits.is_empty()).then(|| edits.applied(body).into())
    }

    /// Where an agent is that says to be at `url`: through the gateway, under whatever name it knows itself.
    fn agent(&self, url: &str) -> Option<String> {
        if let Some(address) = self.address(url) {
            return Some(address);
        }
        let uri: Uri = url.parse().ok()?;
        uri.authority()?;
        Some(format!("{}{}", self.public, uri.path_and_query()?))
    }

    /// Where a refused client finds the metadata, through the gateway.
    pub(crate) fn challenge(&self, headers: &mut HeaderMap) {
        const NAME: &str = "resource_metadata=\"";
        let Some(told) = headers.get(WWW_AUTHENTICATE) else {
            return;
        };
        let Ok(told) = told.to_str() else { return };
        let Some((before, rest)) = told.split_once(NAME) else {
            return;
        };
        let Some((address, after)) = rest.split_once('"') else {
            return;
        };
        let Some(address) = self.well_known(address) else {
            return;
        };
        if let Ok(value) = HeaderValue::from_str(&format!("{before}{NAME}{address}\"{after}")) {
            headers.insert(WWW_AUTHENTICATE, value);
        }
    }

    /// The address of a document under `/.well-known/` of the upstream, through the gateway.
    fn well_known(&self, address: &str) -> Option<String> {
        let uri: Uri = address.parse().ok()?;
        let own: Uri = self.own.parse().ok()?;
        if uri.authority() != own.authority() {
            return None;
        }
        Some(format!("{}{}", self.public, uri.path_and_query()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> Public {
        Public {
            own: "https://tools.example".to_owned(),
            public: "http://127.0.0.1:7879/crm".to_owned(),
        }
    }

    #[test]
    fn documents_are_found_where_clients_look_for_them() {
        for (target, found) in [
            (
                "/.well-known/oauth-protected-resource/crm/mcp",
                Some("/crm/.well-known/oauth-protected-resource/mcp"),
            ),
            (
                "/.well-known/oauth-authorization-server/crm",
                Some("/crm/.well-known/oauth-authorization-server"),
            ),
            ("/.well-known/oauth-protected-resource", None),
            ("/.well-known/oauth-protected-resource/mcp", None),
            ("/.well-known/other/crm", None),
            ("/crm/mcp", None),
        ] {
            assert_eq!(
                discovery(target, |name| name == "crm").as_deref(),
                found,
                "{target}"
            );
        }
        assert!(is_discovery(&Method::GET, "/.well-known/agent-card.json"));
        assert!(!is_discovery(&Method::POST, "/.well-known/agent-card.json"));
        assert!(!is_discovery(&Method::GET, "/.well-known/other"));
    }

    #[test]
    fn a_server_is_where_its_client_dialled() {
        let body = br#"{"resource" : "https://tools.example/mcp","authorization_servers":["https://tools.example"],"x":1}"#;
        let told = public().metadata(body).unwrap();
        assert_eq!(
            told,
            &br#"{"resource" : "http://127.0.0.1:7879/crm/mcp","authorization_servers":["https://tools.example"],"x":1}"#[..]
        );
        assert_eq!(
            public().metadata(br#"{"resource":"https://tools.example.evil/mcp"}"#),
            None
        );
        let mut headers = HeaderMap::new();
        let told = "Bearer error=\"x\", resource_metadata=\"https://tools.example/.well-known/oauth-protected-resource/mcp\", scope=\"a\"";
        headers.insert(WWW_AUTHENTICATE, told.parse().unwrap());
        public().challenge(&mut headers);
        assert_eq!(
            headers[WWW_AUTHENTICATE],
            "Bearer error=\"x\", resource_metadata=\"http://127.0.0.1:7879/crm/.well-known/oauth-protected-resource/mcp\", scope=\"a\""
        );
    }
}
