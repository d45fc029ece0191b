//! What scans found about the models, servers and agents that requests name: posture that feeds policy.
//!
//! The judge asks [`Posture`], which never waits. [`Held`] answers from memory, and is given new findings while requests pass.
//! A [`Snapshot`] is the same as a file, for a gateway that has no service beside it.

mod names;
mod snapshot;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use stance_core::{AssetKind, Severity};

pub use snapshot::{Snapshot, SnapshotError};

/// Longest id of a rule or finding that is told, in characters.
const LONGEST: usize = 100;

/// What a request names.
#[derive(Clone, Copy, Debug)]
pub struct Named<'n> {
    /// What kind of thing: a model, an endpoint, a server of MCP, an agent.
    pub kind: AssetKind,
    /// The name, as the request or the settings have it.
    pub name: &'n str,
    /// The upstream that it goes to.
    pub upstream: &'n str,
}

/// A finding that is not fixed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its id over scans.
    pub id: String,
    /// The rule, `area/name`.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// Whether somebody accepted it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
}

/// What is known of a thing, and as of when.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Its findings, the worst first; empty where there are none, or nothing has this name.
    pub findings: Arc<[Standing]>,
    /// When it was so; never, where nobody looked yet.
    pub time: Option<Timestamp>,
}

/// Knows the findings of things.
pub trait Posture: Send + Sync {
    /// What is known of what a request names. Never waits.
    fn of(&self, named: Named<'_>) -> Known;
}

/// A thing with its names and findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What it is.
    pub kind: AssetKind,
    /// Its key in the inventory, what people call it, and its aliases.
    pub names: Vec<String>,
    /// What was found.
    pub findings: Vec<Standing>,
}

/// Findings in memory.
#[derive(Debug, Default)]
pub struct Held(RwLock<Arc<State>>);

type Index = HashMap<(AssetKind, String), Arc<[Standing]>>;

#[derive(Clone, Debug, Default)]
struct State {
    index: Arc<Index>,
    time: Option<Timestamp>,
}

impl Held {
    /// Takes what is known now, in place of all that was known before.
    pub fn set(&self, subjects: &[Subject], time: Timestamp) {
        let index = Arc::new(indexed(subjects));
        self.put(State {
            index,
            time: Some(time),
        });
    }

    /// Notes that what is known is still so.
    pub fn is_still_so(&self, time: Timestamp) {
        let index = self.get().index.clone();
        self.put(State {
            index,
            time: Some(time),
        });
    }

    fn put(&self, state: State) {
        // Whoever panicked while it held the lock only swapped a pointer.
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
    }

    fn get(&self) -> Arc<State> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Posture for Held {
    fn of(&self, named: Named<'_>) -> Known {
        let state = self.get();
        let mut hits: Vec<&Arc<[Standing]>> = names::asked(named)
            .into_iter()
            .filter_map(|name| state.index.get(&(named.kind, name)))
            .collect();
        hits.dedup_by(|one, other| Arc::ptr_eq(one, other));
        let findings = match hits.as_slice() {
            [] => Arc::default(),
            [only] => Arc::clone(only),
            several => ordered(several.iter().flat_map(|it| it.iter().cloned()).collect()),
        };
        Known {
            findings,
            time: state.time,
        }
    }
}

fn indexed(subjects: &[Subject]) -> Index {
    let mut all: HashMap<(AssetKind, String), Vec<Standing>> = HashMap::new();
    for subject in subjects {
        let findings: Vec<Standing> = subject.findings.iter().map(Standing::plain).collect();
        if findings.is_empty() {
            continue;
        }
        for name in names::known(subject.kind, &subject.names) {
            all.entry((subject.kind, name))
                .or_default()
                .extend(findings.iter().cloned());
        }
    }
    all.into_iter()
        .map(|(key, findings)| (key, ordered(findings)))
        .collect()
}

/// The worst first, each once; what is not accepted before what is.
fn ordered(mut findings: Vec<Standing>) -> Arc<[Standing]> {
    findings.sort_by(|one, other| {
        let key = |it: &Standing| (std::cmp::Reverse(it.severity), it.waived);
        (key(one), &one.rule, &one.id).cmp(&(key(other), &other.rule, &other.id))
    });
    findings.dedup();
    findings.into()
}

impl Standing {
    /// The same with ids that can be told to anybody: those of imported documents may be any text.
    fn plain(&self) -> Self {
        let plain = |text: &str| {
            let is_plain = |c: &char| c.is_ascii_alphanumeric() || "/-_.:@".contains(*c);
            text.chars().filter(is_plain).take(LONGEST).collect()
        };
        Self {
            id: plain(&self.id),
            rule: plain(&self.rule),
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(id: &str, severity: Severity) -> Standing {
        Standing {
            id: id.to_owned(),
            rule: "model/pickle".to_owned(),
            severity,
            waived: false,
        }
    }

    fn held(names: &[&str]) -> Held {
        let held = Held::default();
        let subject = Subject {
            kind: AssetKind::Model,
            names: names.iter().map(|it| (*it).to_owned()).collect(),
            findings: vec![
                standing("low", Severity::Low),
                standing("bad", Severity::Critical),
            ],
        };
        held.set(&[subject], Timestamp::UNIX_EPOCH);
        held
    }

    fn hits(held: &Held, name: &str) -> usize {
        let known = held.of(Named {
            kind: AssetKind::Model,
            name,
            upstream: "corp",
        });
        known.findings.len()
    }

    #[test]
    fn names_match_as_the_inventory_has_them() {
        let dated = held(&["openai/gpt-4o-2024-08-06", "gpt-4o-2024-08-06"]);
        for name in [
            "gpt-4o-2024-08-06",
            " GPT-4o-2024-08-06",
            "openai/gpt-4o-2024-08-06",
            "azure/gpt-4o-2024-08-06",
            "corp/gpt-4o-2024-08-06",
            "openrouter/openai/gpt-4o-2024-08-06",
        ] {
            assert_eq!(hits(&dated, name), 2, "{name}");
        }
        for name in ["gpt-4o", "gpt-4o-2024-08", "acme/gpt-4o-2024-08-06", ""] {
            assert_eq!(hits(&dated, name), 0, "{name}");
        }
        let hub = held(&["pkg:huggingface/Acme/Small", "Acme/Small"]);
        assert_eq!(hits(&hub, "acme/small"), 2);
        assert_eq!(hits(&hub, "small"), 0);
        assert_eq!(hits(&held(&["llama3:latest"]), "llama3"), 2);
        assert_eq!(hits(&held(&["llama3"]), "llama3:latest"), 2);
        assert_eq!(
            hits(&held(&["gemini-2.0-flash"]), "models/gemini-2.0-flash"),
            2
        );
        let bedrock = held(&["anthropic.claude-3-haiku-20240307-v1:0"]);
        for name in [
            "eu.anthropic.claude-3-haiku-20240307-v1:0",
            "arn:aws:bedrock:eu-central-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
        ] {
            assert_eq!(hits(&bedrock, name), 2, "{name}");
        }
    }

    #[test]
    fn an_endpoint_is_known_by_its_host_and_port() {
        let held = Held::default();
        let endpoint = |name: &str| Subject {
            kind: AssetKind::Endpoint,
            names: vec![name.to_owned()],
            findings: vec![standing(name, Severity::High)],
        };
        let all = [
            "http://10.0.0.5:11434/api/tags",
            "https://models.example.org:443/v1",
            "http://[::1]/v1",
            "corp",
        ];
        held.set(&all.map(endpoint), Timestamp::UNIX_EPOCH);
        let hits = |name| {
            let known = held.of(Named {
                kind: AssetKind::Endpoint,
                name,
                upstream: "x",
            });
            known.findings.len()
        };
        for name in [
            "http://10.0.0.5:11434",
            "HTTPS://Models.Example.org/",
            "https://user@models.example.org/other?x=1",
            "http://[::1]:80",
            "corp",
        ] {
            assert_eq!(hits(name), 1, "{name}");
        }
        for name in [
            "http://10.0.0.5",
            "http://models.example.org",
            "10.0.0.5:11434",
            "ftp://corp",
        ] {
            assert_eq!(hits(name), 0, "{name}");
        }
    }

    #[test]
    fn the_worst_is_first_and_each_is_told_once_as_plain_text() {
        let held = held(&["a", "azure/a"]);
        let known = held.of(Named {
            kind: AssetKind::Model,
            name: "azure/a",
            upstream: "corp",
        });
        let ids: Vec<&str> = known.findings.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, ["bad", "low"]);
        let odd = Standing {
            rule: "x\u{1b}[2J <b>".to_owned(),
            ..standing("i\nd", Severity::High)
        };
        assert_eq!(
            (odd.plain().rule, odd.plain().id),
            ("x2Jb".to_owned(), "id".to_owned())
        );
    }

    #[test]
    fn what_nobody_looked_at_has_no_time() {
        let named = Named {
            kind: AssetKind::Model,
            name: "a",
            upstream: "corp",
        };
        assert!(Held::default().of(named).time.is_none());
        let held = held(&["a"]);
        let later = Timestamp::from_second(9).unwrap();
        held.is_still_so(later);
        assert_eq!(held.of(named).time, Some(later));
        assert_eq!(hits(&held, "a"), 2);
    }
}
