//! Tools that providers of models bring, by their types.

use std::collections::BTreeMap;

use stance_core::{AssetKind, How};

use super::{Collector, Draft, snake_case};
use crate::builtin_tools::{BuiltinTool, by_key, by_type};
use crate::python::known::Known;
use crate::python::sink::TextRole;
use crate::python::syntax::Span;

impl Collector<'_> {
    /// `{"type": "web_search_preview"}`, `{"google_search": {}}`; whether it was one.
    pub(super) fn builtin_tool(&mut self, fields: &BTreeMap<String, Known>, span: &Span) -> bool {
        let typed = match fields.get("type") {
            Some(Known::Text { text, how }) => Some((&**text, *how)),
            _ => None,
        };
        let mut found = false;
        match typed {
            Some((text, how)) => {
                if let Some(tool) = by_type(text) {
                    found = true;
                    self.provided_tool(tool, text, how, span);
                }
            }
            None => {
                for key in fields.keys() {
                    if let Some(tool) = by_key(&snake_case(key)) {
                        found = true;
                        self.provided_tool(tool, key, How::Literal, span);
                    }
                }
            }
        }
        found
    }

    fn provided_tool(&mut self, tool: BuiltinTool, written: &str, how: How, span: &Span) {
        let key = format!("{}/{}", tool.vendor, tool.family);
        let draft = Draft::new(AssetKind::Tool, key, tool.family, how)
            .alias(written)
            .vendor(Some(tool.vendor))
            .with("builtin", true);
        self.refer(draft, span);
    }

    /// A tool that a provider brings, by its type, wherever its entry stands: `{"type": "web_search_preview"}`.
    pub(super) fn builtin_named(&mut self, text: &str, role: TextRole<'_>, span: &Span) {
        let telling = matches!(role, TextRole::Entry(Some("type"))) && text.contains('_');
        if let Some(tool) = by_type(text).filter(|_| telling && !self.modules.is_empty()) {
            self.provided_tool(tool, text, How::Literal, span);
        }
    }
}
