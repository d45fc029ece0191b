//! A configuration text with its credentials masked wherever it is quoted.

use std::ops::Range;
use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::Setting;

use super::{Found, in_setting, in_tree, in_url, masked, within};
use crate::text::Text;
use crate::tree::{Node, Tree};

/// A configuration text under its path, and every credential in it.
pub struct Page<'a> {
    /// The path that evidence carries.
    pub path: &'a Arc<str>,
    /// The text.
    pub text: &'a Text<'a>,
    secrets: Vec<Range<usize>>,
}

impl<'a> Page<'a> {
    /// `secrets` are in order and apart.
    pub fn new(path: &'a Arc<str>, text: &'a Text<'a>, secrets: Vec<Range<usize>>) -> Self {
        Self {
            path,
            text,
            secrets,
        }
    }

    /// The page of a tree, whose credentials are looked for.
    pub fn of_tree(path: &'a Arc<str>, text: &'a Text<'a>, tree: &Tree) -> Self {
        let mut secrets: Vec<Range<usize>> = tree
            .documents
            .iter()
            .flat_map(|document| in_tree(document, text.as_str()))
            .collect();
        secrets.sort_by_key(|range| range.start);
        secrets.dedup();
        Self::new(path, text, secrets)
    }

    /// Evidence for a range of the text, credentials masked.
    pub fn evidence(&self, range: Range<usize>) -> Evidence {
        self.text.evidence_masked(self.path, range, &self.secrets)
    }

    /// A named value that stands at `span`.
    pub fn setting(&self, name: &str, value: &str, span: Range<usize>) -> Setting {
        let secret = in_setting(name, value);
        Setting {
            name: name.to_owned(),
            value: masked(value, secret.as_slice()),
            inline_credential: secret.is_some(),
            evidence: self.evidence(span),
        }
    }

    /// The settings of a tree: the entries of an object, or `NAME=value` words of an array.
    pub fn settings(&self, node: &Node) -> Vec<Setting> {
        let entries = node
            .entries()
            .iter()
            .filter(|entry| !entry.shadowed)
            .map(|entry| {
                let value = entry.value.scalar().unwrap_or_default();
                let span = entry.key_span.start..entry.value.span.end.max(entry.key_span.end);
                self.setting(&entry.key, value, span)
            });
        let words = node.items().iter().filter_map(|item| {
            let word = item.scalar()?;
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            Some(self.setting(name.trim(), value, item.span.clone()))
        });
        entries.chain(words).collect()
    }

    /// A credential that was found inside the value of `node`.
    pub fn credential(&self, node: &Node, found: &Found) -> Setting {
        let value = node.scalar().unwrap_or_default();
        let secret = value.get(found.range.clone()).unwrap_or_default();
        Setting {
            name: found.name.clone(),
            value: super::mask(secret),
            inline_credential: true,
            evidence: self.evidence(within(node, &found.range, self.text.as_str())),
        }
    }

    /// An address with the credentials in it masked.
    pub fn address(&self, url: &str) -> String {
        let secrets: Vec<Range<usize>> = in_url(url).into_iter().map(|found| found.range).collect();
        masked(url, &secrets)
    }
}
