//! Addresses of services in sources, and the variables that hold them.

use std::ops::Range;

use stance_core::{AssetKind, How, RelationKind};
use stance_read::address::{Address, is_variable};
use stance_read::vendors;

use super::scan::Scan;

impl Scan<'_> {
    /// A text that is the address of a vendor's service, or the name of a variable that holds one.
    pub(super) fn address(&mut self, text: &str, how: How, span: Range<usize>) {
        if is_variable(text) {
            let mut draft = self.draft(
                AssetKind::Endpoint,
                format!("env:{text}"),
                text,
                How::Unresolved,
            );
            draft.relation = RelationKind::Calls;
            draft.vendor = vendors::of_variable(text).map(|vendor| vendor.key.to_owned());
            let why = format!("environment variable {text}");
            self.refer(draft, &[("unresolved", why.into())], span);
            return;
        }
        let Some(address) = text
            .starts_with("http")
            .then(|| Address::of_vendor_service(text))
            .flatten()
        else {
            return;
        };
        let mut draft = self.draft(AssetKind::Endpoint, address.url.clone(), &address.url, how);
        draft.relation = RelationKind::Calls;
        draft.vendor = address.vendor.map(str::to_owned);
        draft.aliases.push(address.host);
        self.refer(draft, &[], span);
    }

    /// `const liteLLMBaseURL = "http://localhost:4000/v1"`: where a service answers, by what the constant is called.
    pub(super) fn base_address(&mut self, name: &str, text: &str, span: Range<usize>) {
        let lower = name.to_ascii_lowercase();
        let named = [
            "baseurl", "base_url", "apiurl", "api_url", "apibase", "api_base",
        ]
        .iter()
        .any(|end| lower.ends_with(end));
        if !named
            || !text.starts_with("http")
            || text.contains('%')
            || Address::of_vendor_service(text).is_some()
        {
            return;
        }
        let Some(address) = Address::of(text) else {
            return;
        };
        let mut draft = self.draft(
            AssetKind::Endpoint,
            address.url.clone(),
            &address.url,
            How::Constant,
        );
        draft.relation = RelationKind::Calls;
        draft.aliases.push(address.host);
        self.refer(draft, &[], span);
    }

    /// A variable that is asked for and says by its name that a vendor's product answers there: `QDRANT_URL`.
    pub(super) fn asked_address(&mut self, text: &str, span: Range<usize>) {
        let Some((before, after)) = text.split_once('_') else {
            return;
        };
        if is_variable(text) || !matches!(after, "URL" | "URI" | "HOST" | "ENDPOINT" | "ADDRESS") {
            return;
        }
        let Some(vendor) = super::imports::vendor_of_part(before) else {
            return;
        };
        let key = format!("env:{text}");
        let mut draft = self.draft(AssetKind::Endpoint, key, text, How::Unresolved);
        draft.relation = RelationKind::Calls;
        let why = format!("environment variable {text}");
        let told = [("unresolved", why.into()), ("service", vendor.into())];
        self.refer(draft, &told, span);
    }

    /// Whether the entry of a map whose key stands before `sign` is one of texts about a program: what its flags
    /// mean (`var help = map[string]string{"prompt": "..."}`).
    pub(super) fn explains_flags(&self, sign: usize) -> bool {
        const ABOUT: [&str; 6] = [
            "help",
            "usage",
            "usages",
            "descriptions",
            "flags",
            "messages",
        ];
        let mut depth = 0_usize;
        let mut at = sign;
        // The brace that is open here, and what the map is called.
        for _ in 0..4096_usize {
            let Some(before) = at.checked_sub(1) else {
                return false;
            };
            at = before;
            match self.sign(at) {
                Some(b'}' | b')' | b']') => depth = depth.saturating_add(1),
                Some(b'{' | b'(' | b'[') if depth > 0 => depth = depth.saturating_sub(1),
                Some(b'{') => break,
                Some(b'(' | b'[') => return false,
                _ => {}
            }
        }
        (1..12_usize).any(|back| {
            let word = at.checked_sub(back).and_then(|it| self.word(it));
            word.is_some_and(|word| {
                let word = word.to_ascii_lowercase();
                ABOUT.iter().any(|about| word.ends_with(about))
            })
        })
    }
}
