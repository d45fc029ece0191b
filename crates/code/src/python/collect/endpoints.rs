//! Addresses of services: what models and tools are reached at.

use stance_core::fact::Fact;
use stance_core::{AssetKind, How, RelationKind};
use stance_read::address::{Address, before_hole, is_of_service, is_variable};
use stance_read::vendors;

use super::{Collector, Draft, last_part, lies_in};
use crate::python::known::Known;
use crate::python::sink::CallSite;
use crate::python::syntax::Span;

impl Collector<'_> {
    /// The address that a client of models talks to.
    pub(super) fn base_address(&mut self, address: &str, how: How, span: &Span) {
        if let Some(draft) = endpoint(address, how) {
            self.refer(draft.with("role", "model"), span);
        }
    }

    /// A request of the program itself: `requests.post("https://api…")`.
    pub(super) fn request(&mut self, site: &CallSite<'_>) {
        let client = ["requests", "httpx", "aiohttp", "urllib"]
            .iter()
            .any(|module| lies_in(site.callee, module));
        if !client || self.addresses.len() >= 64 {
            return;
        }
        let position = usize::from(last_part(site.callee) == "request");
        let Some(given) = site.argument(Some(position), "url") else {
            return;
        };
        if let Known::Text { text, how } = &given.value
            && let Some(draft) = endpoint(text, *how)
            && (draft.vendor.is_some() || is_of_service(text))
        {
            self.addresses
                .push((draft.with("role", "tool"), given.span.clone()));
        }
    }

    /// A constant that holds the address of a service.
    pub(super) fn address_constant(&mut self, name: &str, text: &str, how: How, span: &Span) {
        if self.addresses.len() >= 64 || !text.starts_with("http") {
            return;
        }
        let Some(draft) = endpoint(text, how) else {
            return;
        };
        let lower = name.to_ascii_lowercase();
        let told =
            lower.contains("api") || lower.contains("base_url") || lower.contains("endpoint");
        let is_service = draft.vendor.is_some() || is_of_service(text);
        if is_service || (told && !lower.contains("doc")) {
            // Whether the file has to do with AI at all is known at its end.
            self.addresses
                .push((draft.with("role", "tool"), span.clone()));
        }
    }

    /// An address that is put together: what stands before its first hole.
    pub(super) fn address_beginning(&mut self, text: &str, span: &Span) {
        if self.addresses.len() >= 64 || !text.starts_with("http") {
            return;
        }
        // A hole is behind the text: what stands before it counts as far as it is whole.
        let written = format!("{text}{{");
        let Some(text) = before_hole(&written) else {
            return;
        };
        if is_of_service(text)
            && let Some(draft) = endpoint(text, How::Literal)
        {
            self.addresses
                .push((draft.with("role", "tool"), span.clone()));
        }
    }

    /// A variable that holds the address of a service of AI.
    pub(super) fn address_variable(&mut self, variable: &str, span: &Span) {
        if is_variable(variable) && self.addresses.len() < 64 {
            let draft = Draft::new(
                AssetKind::Endpoint,
                format!("env:{variable}"),
                variable,
                How::Unresolved,
            )
            .relation(RelationKind::Calls)
            .vendor(vendors::of_variable(variable).map(|vendor| vendor.key))
            .with("unresolved", format!("environment variable {variable}"));
            self.addresses.push((draft, span.clone()));
        }
    }

    /// Addresses of services are of interest in files that use AI.
    pub(super) fn settle_addresses(&mut self) {
        let addresses = std::mem::take(&mut self.addresses);
        // What a file measures models by is about them as well, whatever it imports.
        let measures =
            |fact: &Fact| matches!(fact, Fact::Reference(it) if it.kind == AssetKind::Evaluator);
        let about_ai = !self.modules.is_empty() || self.facts.iter().any(measures);
        for (draft, span) in addresses {
            if about_ai || draft.vendor.is_some() {
                self.refer(draft, &span);
            }
        }
    }
}

/// An address as an asset; none for what is no address, or one of documentation.
fn endpoint(address: &str, how: How) -> Option<Draft> {
    let address = Address::of(address)?;
    Some(
        Draft::new(AssetKind::Endpoint, &address.url, &address.url, how)
            .relation(RelationKind::Calls)
            .vendor(address.vendor)
            .alias(&address.host),
    )
}
