//! Who a program is for a cloud, and secrets that it takes from its configuration.

use std::ops::Range;

use stance_code::credentials::signs_in;
use stance_core::{AssetKind, How, RelationKind};
use stance_read::credential::names_credential;

use super::scan::Scan;
use super::tokens::Dialect;

/// How configuration is asked for what it holds, beside the environment.
pub(super) const ASKED: [&str; 11] = [
    "config",
    "Config",
    "configuration",
    "Configuration",
    "_config",
    "_configuration",
    "GetValue",
    "GetRequiredValue",
    "GetString",
    "getProperty",
    "getRequiredProperty",
];

impl Scan<'_> {
    /// `new DefaultAzureCredential()`, `azidentity.NewDefaultAzureCredential(`, `GoogleCredentials.getApplicationDefault()`.
    pub(super) fn credential(&mut self, word: &str, at: usize) {
        let Some(found) = signs_in(word) else { return };
        let next = self.sign(at.saturating_add(1));
        let before = at.checked_sub(1).and_then(|it| self.word(it));
        let made = match self.dialect {
            Dialect::Go => next == Some(b'('),
            Dialect::Rust => next == Some(b':'),
            Dialect::Java | Dialect::Kotlin => {
                before == Some("new") || next == Some(b'.') || next == Some(b'(')
            }
            _ => before == Some("new") || next == Some(b'.'),
        };
        // An import names it without making one.
        if !made || before == Some("import") || self.is_imported(at) {
            return;
        }
        let Some(span) = self.tokens.get(at).map(|it| it.at.clone()) else {
            return;
        };
        let key = format!("{}/{}", found.vendor, found.name);
        let mut draft = self.draft(AssetKind::Identity, key, found.name, How::Literal);
        draft.relation = RelationKind::RunsAs;
        draft.vendor = Some(found.vendor.to_owned());
        draft.aliases = [found.title, word]
            .into_iter()
            .filter(|alias| *alias != found.name)
            .map(str::to_owned)
            .collect();
        self.refer(draft, &[], span);
    }

    /// Whether a word is the end of the path of an import.
    fn is_imported(&self, at: usize) -> bool {
        let mut head = at;
        for _ in 0..12_usize {
            let Some(before) = head.checked_sub(2) else {
                return false;
            };
            match self.sign(before.saturating_add(1)) {
                Some(b'.') => head = before,
                _ => return false,
            }
            let first = head.checked_sub(1).and_then(|it| self.word(it));
            if matches!(first, Some("import" | "static" | "using" | "package")) {
                return true;
            }
        }
        false
    }

    /// `configuration["AzureOpenAI:ApiKey"]`, `viper.GetString("openai.api_key")`, `env.getProperty("openai.key")`.
    pub(super) fn configured_secret(&mut self, name: &str, text: &str, span: Range<usize>) {
        let last = text.rsplit([':', '.']).next().unwrap_or_default();
        let upper = !text.bytes().any(|byte| byte.is_ascii_lowercase());
        let path = text.len() > last.len() || upper && text.contains('_');
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_:.-".contains(&byte));
        if !ASKED.contains(&name) || !path || !plain || text.len() > 120 || !names_credential(last)
        {
            return;
        }
        let key = format!("env:{text}");
        let mut draft = self.draft(AssetKind::Identity, key, text, How::Configuration);
        draft.relation = RelationKind::RunsAs;
        if text.contains(':') {
            draft.aliases.push(text.replace(':', "__"));
        }
        let first = text.split([':', '.', '_']).next().unwrap_or_default();
        let vendor = super::imports::vendor_of_part(&first.to_ascii_lowercase());
        draft.vendor = vendor.map(str::to_owned);
        self.refer(draft, &[], span);
    }
}
