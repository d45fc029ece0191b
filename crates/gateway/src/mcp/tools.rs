//! The tools that a server offered, so that a call is held against the schema that its model saw.

use std::collections::HashMap;

use stance_core::exchange::ToolDefinition;

/// Most tools of one server that are remembered, and most bytes of what they say.
const MOST: usize = 4096;
const BYTES: usize = 8 << 20;

/// What a server offers, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tools {
    known: HashMap<String, ToolDefinition>,
    bytes: usize,
}

impl Tools {
    /// Takes over what is offered now.
    pub(crate) fn learn(&mut self, tools: &[ToolDefinition]) {
        for tool in tools {
            let is_known = self.known.contains_key(&tool.name);
            if !is_known && (self.known.len() >= MOST || self.bytes >= BYTES) {
                continue;
            }
            self.bytes = self.bytes.saturating_add(size(tool));
            if let Some(before) = self.known.insert(tool.name.clone(), tool.clone()) {
                self.bytes = self.bytes.saturating_sub(size(&before));
            }
        }
    }

    /// Forgets a tool that is not offered to this client any more.
    pub(crate) fn forget(&mut self, name: &str) {
        if let Some(before) = self.known.remove(name) {
            self.bytes = self.bytes.saturating_sub(size(&before));
        }
    }

    /// What a tool says about itself.
    pub(crate) fn get(&self, name: &str) -> Option<&ToolDefinition> {
        self.known.get(name)
    }
}

fn size(tool: &ToolDefinition) -> usize {
    let schema = tool.schema.as_deref().unwrap_or_default();
    tool.name.len() + tool.description.len() + schema.len()
}
