//! What is known about an interaction besides its words.

use super::fill;

/// For whom something was done. Gateways know keys, applications know users; nothing here is verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// A user, by name, address or id.
    pub user: Option<String>,
    /// A key or account that the gateway or the provider knows; never the secret itself, at most its hash or name.
    pub key: Option<String>,
    /// A team, project or organisation.
    pub group: Option<String>,
    /// The address that asked.
    pub address: Option<String>,
}

impl Identity {
    pub(super) fn fill(&mut self, other: Self) {
        fill(&mut self.user, other.user);
        fill(&mut self.key, other.key);
        fill(&mut self.group, other.group);
        fill(&mut self.address, other.address);
    }

    /// The most exact name there is.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let all = [&self.user, &self.key, &self.group, &self.address];
        all.into_iter().find_map(|name| name.as_deref())
    }
}

/// An agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// Its id.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

/// A tool that ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Which call of it.
    pub call: Option<String>,
    /// What kind of tool: `function`, `extension`, `datastore`.
    pub kind: Option<String>,
    /// What it says about itself.
    pub description: Option<String>,
}

/// What the Model Context Protocol tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mcp {
    /// The method: `tools/call`.
    pub method: Option<String>,
    /// The session.
    pub session: Option<String>,
    /// The version of the protocol.
    pub protocol: Option<String>,
    /// The resource.
    pub resource: Option<String>,
    /// The prompt.
    pub prompt: Option<String>,
    /// The id of the request.
    pub request: Option<String>,
    /// The server, where a gateway stands before several.
    pub server: Option<String>,
}

/// What something cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Cost {
    /// How much.
    pub amount: f64,
    /// Of what; dollars unless the record tells another.
    pub currency: String,
}

impl Cost {
    /// An amount of dollars; `None` when it is none.
    #[must_use]
    pub fn dollars(amount: Option<f64>) -> Option<Self> {
        let amount = amount.filter(|amount| amount.is_finite() && *amount >= 0.0)?;
        Some(Self {
            amount,
            currency: "USD".to_owned(),
        })
    }
}

/// Why something failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The kind: a class, a code.
    pub kind: String,
    /// What was said about it.
    pub message: String,
    /// The status of HTTP.
    pub status: Option<u16>,
}

/// How an evaluator judged something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// What was looked at.
    pub name: String,
    /// The number.
    pub score: Option<f64>,
    /// The word.
    pub label: Option<String>,
    /// Why.
    pub explanation: Option<String>,
}

/// What sent the telemetry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Where it runs: `production`, `staging`.
    pub environment: Option<String>,
    /// Which instance of it: a process, a pod, a host.
    pub instance: Option<String>,
    /// The library that made the record.
    pub library: Option<String>,
}

impl Service {
    pub(super) fn fill(&mut self, other: Self) {
        fill(&mut self.name, other.name);
        fill(&mut self.version, other.version);
        fill(&mut self.environment, other.environment);
        fill(&mut self.instance, other.instance);
        fill(&mut self.library, other.library);
    }
}
