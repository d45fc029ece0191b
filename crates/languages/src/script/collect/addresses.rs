//! Addresses of services that the program talks to by itself.

use stance_core::{AssetKind, How, RelationKind};
use stance_read::address::{Address, before_hole};

use super::{Collector, Draft};
use crate::script::known::At;
use crate::script::syntax::Span;
use crate::script::walk::Role;

/// Most addresses of services without a known vendor that one file may wait with.
const MOST: usize = 64;

/// Entries and attributes whose address is there for people, or is an identifier rather than a place.
const ABOUT: [&str; 12] = [
    "href",
    "src",
    "link",
    "docs",
    "documentation",
    "homepage",
    "website",
    "description",
    "$schema",
    "xmlns",
    "title",
    "text",
];

/// Options in which a client carries the address that it talks to, in small letters.
const BASES: [&str; 6] = [
    "baseurl",
    "base_url",
    "basepath",
    "apiurl",
    "endpoint",
    "serverurl",
];

/// Functions whose first argument is an address that is asked.
const ASKS: [&str; 12] = [
    "fetch",
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "request",
    "create",
    "URL",
    "WebSocket",
    "axios",
    "ky",
];

impl Collector<'_> {
    /// A text that is the address of a service, or with `open` one that goes on with what is put in later.
    /// The address of a server of the Model Context Protocol, given to what says that it is a client of one:
    /// `new MCPClient("todos", "http://localhost:3000/mcp")`.
    fn server_address(&mut self, text: &str, given: bool, callee: &str, span: Span) {
        let path = text.trim_end_matches('/');
        let ends = path.ends_with("/mcp") || path.ends_with("/sse");
        if given && ends && callee.contains("mcp") {
            let draft = Draft::new(AssetKind::McpServer, path, path, How::Literal)
                .relation(RelationKind::Calls)
                .with("protocol", "mcp");
            self.refer(draft, &At::Here(span));
        }
    }

    pub(super) fn named_address(&mut self, text: &str, open: bool, role: Role<'_>, span: Span) {
        if !text.starts_with("http") && !text.starts_with("ws") {
            return;
        }
        let (how, place) = match role {
            Role::Argument(name) => (How::Literal, name),
            Role::Element => (How::Literal, ""),
            Role::Entry(name) | Role::Assigned(name) => (How::Constant, name),
            Role::Default(name) => (How::Default, name),
        };
        let lower = place.to_ascii_lowercase();
        self.server_address(
            text,
            matches!(role, Role::Argument(_)) && !open,
            &lower,
            span,
        );
        if ABOUT.iter().any(|word| lower.ends_with(word)) {
            return;
        }
        // A hole behind the text: what stands before it counts as far as it is whole.
        let written = open.then(|| format!("{text}{{"));
        let Some(text) = before_hole(written.as_deref().unwrap_or(text)) else {
            return;
        };
        if let Some(address) = Address::of_vendor_service(text) {
            self.refer(endpoint(&address, how), &At::Here(span));
            return;
        }
        // The base of a client may be any host, this one as well.
        if BASES.contains(&lower.as_str())
            && self.addresses.len() < MOST
            && let Some(address) = Address::of(text)
        {
            self.addresses.push((endpoint(&address, how), span));
            return;
        }
        let asked = matches!(role, Role::Argument(name) if ASKS.contains(&name))
            || matches!(role, Role::Assigned(_) | Role::Default(_));
        if let Some(address) =
            Address::of(text).filter(|address| address.vendor.is_none() && address.serves())
            && asked
            && self.addresses.len() < MOST
        {
            self.addresses.push((endpoint(&address, how), span));
        }
    }

    /// Services without a known vendor are of interest in files that use AI: what agents and tools ask.
    pub(super) fn settle_addresses(&mut self) {
        let addresses = std::mem::take(&mut self.addresses);
        if self.packages.is_empty() {
            return;
        }
        for (draft, span) in addresses {
            self.refer(draft.with("role", "tool"), &At::Here(span));
        }
    }
}

fn endpoint(address: &Address, how: How) -> Draft {
    Draft::new(AssetKind::Endpoint, &address.url, &address.url, how)
        .relation(RelationKind::Calls)
        .vendor(address.vendor)
        .alias(&address.host)
}
