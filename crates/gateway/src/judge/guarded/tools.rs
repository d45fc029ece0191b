//! Tools that are offered: read once for each list of them, and held against those that are known.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use stance_core::exchange::{ToolDefinition, Unjudged};
use stance_guard::flow::Capability;
use stance_guard::flow::capability::Described;
use stance_guard::flow::catalogue::schema::{self, Schema};
use stance_guard::flow::catalogue::{Offered, Pin, Scope, Standing, suspicious};
use stance_guard::policy::{CatalogueMode, Decide as _, Finding, Rule, Subject as About};

use super::Watching;

/// Most tools of all lists that are kept ready, and of all servers.
const KEPT: usize = 8192;

/// What is known of one tool that is offered.
#[derive(Debug)]
pub(super) struct Sheet {
    tool: ToolDefinition,
    parsed: Option<Value>,
    claims: Option<Value>,
    pub(super) capability: Capability,
    /// What its arguments have to be; else why that is not known.
    pub(super) schema: Option<Result<Schema, String>>,
}

impl Sheet {
    fn of(tool: &ToolDefinition) -> Self {
        let read = |text: &Option<String>| serde_json::from_str(text.as_deref()?).ok();
        let parsed: Option<Value> = read(&tool.schema);
        let described = Described {
            name: &tool.name,
            description: &tool.description,
            schema: parsed.as_ref(),
            ..Described::default()
        };
        Self {
            capability: Capability::of(&described),
            schema: parsed.as_ref().map(|schema| {
                Schema::new(schema, schema::Limits::default()).map_err(|it| it.to_string())
            }),
            claims: read(&tool.claims),
            parsed,
            tool: tool.clone(),
        }
    }

    fn offered<'s>(&'s self, server: &'s str) -> Offered<'s> {
        Offered {
            server,
            name: &self.tool.name,
            description: &self.tool.description,
            schema: self.parsed.as_ref(),
            annotations: self.claims.as_ref(),
            pointer: &self.tool.pointer,
            signals: &[],
        }
    }
}

/// A list of tools, read.
#[derive(Debug)]
pub(super) struct Offer {
    sheets: Vec<Arc<Sheet>>,
    pins: Vec<Option<Pin>>,
    /// What is wrong with them whatever is known.
    suspicious: Vec<Finding>,
}

/// Lists of tools that were read: applications offer the same ones with every request.
#[derive(Debug, Default)]
pub(super) struct Offers {
    kept: Mutex<Kept>,
    /// What servers listed last, by server and tool: calls come in exchanges of their own.
    listed: Mutex<HashMap<(String, String), Arc<Sheet>>>,
}

#[derive(Debug, Default)]
struct Kept {
    lists: HashMap<[u8; 32], Arc<Offer>>,
    tools: usize,
}

impl Offers {
    fn list(&self, server: &str, sheet: &Arc<Sheet>) {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        if listed.len() >= KEPT {
            listed.clear();
        }
        listed.insert((server.to_owned(), sheet.tool.name.clone()), sheet.clone());
    }

    fn listed(&self, server: &str, tool: &str) -> Option<Arc<Sheet>> {
        let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        if listed.is_empty() {
            return None;
        }
        listed.get(&(server.to_owned(), tool.to_owned())).cloned()
    }

    fn read(&self, tools: &[ToolDefinition], server: &str) -> Arc<Offer> {
        let digest = digest(tools, server);
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().lists.get(&digest) {
            return known.clone();
        }
        let sheets: Vec<Arc<Sheet>> = tools.iter().map(|it| Arc::new(Sheet::of(it))).collect();
        let all: Vec<Offered<'_>> = sheets.iter().map(|it| it.offered(server)).collect();
        let offer = Arc::new(Offer {
            pins: all.iter().map(Pin::of).collect(),
            suspicious: suspicious(&all).into_iter().map(|(_, it)| it).collect(),
            sheets,
        });
        let mut kept = lock();
        if kept.tools.saturating_add(tools.len()) > KEPT {
            *kept = Kept::default();
        }
        if tools.len() <= KEPT && kept.lists.insert(digest, offer.clone()).is_none() {
            kept.tools = kept.tools.saturating_add(tools.len());
        }
        offer
    }
}

/// A digest over all of a list, each text with its length.
fn digest(tools: &[ToolDefinition], server: &str) -> [u8; 32] {
    let mut digest = Sha256::new();
    let mut add = |text: Option<&str>| {
        let length = text.map_or(u64::MAX, |text| text.len() as u64);
        digest.update(length.to_le_bytes());
        digest.update(text.unwrap_or_default());
    };
    add(Some(server));
    for tool in tools {
        add(Some(&tool.name));
        add(Some(&tool.description));
        add(tool.schema.as_deref());
        add(tool.claims.as_deref());
        add(Some(&tool.pointer));
    }
    digest.finalize().into()
}

impl Watching {
    /// Looks at the tools that a request offers to its model, or a server to its client.
    pub(super) fn offers(&mut self, tools: &[ToolDefinition], is_server: bool) {
        if tools.is_empty() {
            return;
        }
        let server = if is_server {
            self.subject.upstream.as_str()
        } else {
            ""
        };
        let memory = self.shared.memory.clone();
        let offer = memory.offers.read(tools, server);
        for sheet in &offer.sheets {
            if let Some(Err(what)) = &sheet.schema {
                self.verdict.missed(Unjudged {
                    pointer: sheet.tool.pointer.clone(),
                    what: format!("the schema of a tool: {what}"),
                });
            }
            if is_server {
                memory.offers.list(server, sheet);
            }
            self.sheets.insert(sheet.tool.name.clone(), sheet.clone());
        }
        let mut findings = offer.suspicious.clone();
        let name = self.scope(is_server);
        let scope = Scope {
            name: &name,
            is_server,
            is_mixed: !is_server && self.subject.identity.is_none(),
        };
        let all: Vec<Offered<'_>> = offer.sheets.iter().map(|it| it.offered(server)).collect();
        let mode = self.shared.policy.settings().catalogue.mode;
        let now = Timestamp::now().as_millisecond();
        let looked = memory
            .pins
            .with(|known| known.look(scope, &all, &offer.pins, mode, now));
        findings.extend(looked.findings.into_iter().map(|(_, finding)| finding));
        memory.pins.add(&name, looked.new);
        let full = "tools that have no room in the catalogue";
        let gaps = [
            (looked.unpinned > 0).then(|| full.to_owned()),
            memory.pins.fault(),
        ];
        for what in gaps.into_iter().flatten() {
            self.verdict.missed(Unjudged {
                pointer: String::new(),
                what,
            });
        }
        let about = About {
            tool: None,
            identity: self.subject.identity.as_deref(),
        };
        let verdict = self.shared.policy.decide(&about, &findings);
        self.verdict = std::mem::take(&mut self.verdict).join(verdict);
    }

    /// What is known of a tool: as it was offered in this exchange, or as its server listed it last.
    pub(super) fn sheet(&self, tool: &str) -> Option<Arc<Sheet>> {
        let offered = self.sheets.get(tool).cloned();
        offered.or_else(|| {
            let offers = &self.shared.memory.offers;
            offers.listed(&self.subject.upstream, tool)
        })
    }

    /// Where the tools of this exchange stand in the catalogue.
    fn scope(&self, is_server: bool) -> String {
        let upstream = &self.subject.upstream;
        if is_server {
            return upstream.clone();
        }
        let identity = self.subject.identity.as_deref().unwrap_or("-");
        format!("{upstream} {identity}")
    }

    /// A call of a tool that was not offered here and that nobody approved, where only approved ones may be called.
    pub(super) fn outside(&self, tool: &str) -> Option<Finding> {
        let mode = self.shared.policy.settings().catalogue.mode;
        if mode != CatalogueMode::Approved || self.sheets.contains_key(tool) {
            return None;
        }
        let is_approved = self.shared.memory.pins.with(|known| {
            [true, false].iter().any(|is_server| {
                let mut versions = known.versions(&self.scope(*is_server), tool).iter();
                versions.any(|version| version.standing == Standing::Approved)
            })
        });
        (!is_approved).then(|| {
            let note = "nobody approved the tool that is called";
            Finding::sure(Rule::OutsideCatalogue, Vec::new(), note)
        })
    }
}
