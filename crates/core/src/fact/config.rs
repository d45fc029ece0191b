//! Manifests, agent configuration, containers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::package::Ecosystem;
use crate::evidence::Evidence;

/// A manifest that names what its directory builds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Manifest {
    /// The registry it speaks of.
    pub ecosystem: Ecosystem,
    /// The name it gives; `None` for a bare list of requirements.
    pub name: Option<String>,
    /// The version it gives.
    pub version: Option<String>,
    /// Registries that it names besides, or in place of, the public one.
    pub indexes: Vec<PackageIndex>,
    /// What other manifests of the tree inherit from it, and it from them.
    #[serde(skip)]
    pub inheritance: Option<Box<Inheritance>>,
    /// Where the name stands.
    pub evidence: Evidence,
}

/// What a manifest of Maven takes from its parent, and hands to those below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inheritance {
    /// The path of the parent, relative to the directory of the manifest, and its `group:artifact`; none when the
    /// parent comes from a registry.
    pub parent: Option<(String, String)>,
    /// Properties as written.
    pub properties: BTreeMap<String, String>,
    /// Versions as written that it sets for packages which ask for none, by `group:artifact`.
    pub managed: BTreeMap<String, String>,
    /// Versions as written of its packages that this file alone does not settle, by `group:artifact`; empty for none.
    pub open: BTreeMap<String, String>,
}

/// A registry that a manifest names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PackageIndex {
    /// Its address, redacted.
    pub url: String,
    /// Whether it is asked in addition to others, so that the highest version of any wins.
    pub extra: bool,
    /// Where.
    pub evidence: Evidence,
}

/// How a client reaches an MCP server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum McpTransport {
    /// The client starts it and speaks over its standard streams.
    Stdio,
    /// Streamable HTTP.
    Http,
    /// Server-sent events over HTTP (deprecated).
    Sse,
    /// A WebSocket.
    Websocket,
    /// Neither command nor address is given.
    Unknown,
}

impl McpTransport {
    /// The name used in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stdio => "stdio",
            Self::Http => "http",
            Self::Sse => "sse",
            Self::Websocket => "websocket",
            Self::Unknown => "unknown",
        }
    }
}

/// An MCP server as a client configuration declares it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct McpServer {
    /// The name under which the client knows it.
    pub name: String,
    /// The client whose file it is: `claude-code`, `cursor`, `vscode`, …; empty
    /// when the program's own code connects to it.
    pub client: String,
    /// How it is reached.
    pub transport: McpTransport,
    /// The program that is started.
    pub command: Option<String>,
    /// Its arguments, redacted.
    pub arguments: Vec<String>,
    /// Its address, redacted.
    pub url: Option<String>,
    /// The package that is run when the command is a package runner (`npx`,
    /// `uvx`, `pipx run`, `docker run`, …).
    pub package: Option<Build>,
    /// Environment variables it is given.
    pub environment: Vec<Setting>,
    /// HTTP headers it is sent.
    pub headers: Vec<Setting>,
    /// Credentials that stand in its arguments or its address, by flag or query parameter.
    pub credentials: Vec<Setting>,
    /// Tools the client may call without asking; `*` for all.
    pub auto_approved: Vec<String>,
    /// Whether it is switched off.
    pub disabled: bool,
    /// Where its name stands.
    pub evidence: Evidence,
}

/// Something that is fetched and run: a package or image with its version.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Build {
    /// purl type: `npm`, `pypi`, `docker`, `git`.
    pub ecosystem: String,
    /// Name without version.
    pub name: String,
    /// Version, tag or digest as written.
    pub version: Option<String>,
    /// Whether the version is exact (not absent, a range, `latest` or a branch).
    pub pinned: bool,
    /// Where.
    pub evidence: Evidence,
}

/// A named value of a configuration.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setting {
    /// The name.
    pub name: String,
    /// The value, redacted when it looks like a credential.
    pub value: String,
    /// Whether the value stands in the file and looks like a credential, rather
    /// than coming from outside (`${VAR}`, `$(cmd)`, `${input:x}`) or being a placeholder.
    pub inline_credential: bool,
    /// Where.
    pub evidence: Evidence,
}

/// Something that an agent's configuration lets it do without asking.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgentPermission {
    /// The client: `claude-code`, `cursor`, `codex`, …
    pub client: String,
    /// The permission as written, redacted: `Bash(*)`, `approval_policy = "never"`.
    pub permission: String,
    /// Whether it lets the agent run any shell command or any code.
    pub shell: bool,
    /// Whether it switches off asking altogether.
    pub unattended: bool,
    /// Where.
    pub evidence: Evidence,
}

/// Where a service definition comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceSource {
    /// A Dockerfile.
    Dockerfile,
    /// A compose file.
    Compose,
    /// A script that runs an image: `docker run`.
    Script,
}

/// A container as a Dockerfile builds it, or a compose file or script runs it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Service {
    /// The kind of file.
    pub source: ServiceSource,
    /// The name of the service or build stage.
    pub name: String,
    /// The image that is run or built upon.
    pub image: Option<Build>,
    /// Command and entry point, one word an entry, redacted.
    pub command: Vec<String>,
    /// Published ports as written: `8000:8000`, `127.0.0.1:11434:11434`; for a Dockerfile what it exposes.
    pub ports: Vec<Setting>,
    /// Environment variables that are set.
    pub environment: Vec<Setting>,
    /// What of the host it sees: source and target of each bind mount; named volumes are left out.
    pub mounts: Vec<Setting>,
    /// Whether it shares the host's network.
    pub host_network: bool,
    /// What takes down the wall between it and the host, as written: `privileged`,
    /// `cap_add: SYS_ADMIN`, `pid: host`.
    pub privileges: Vec<Setting>,
    /// Where its name or image stands.
    pub evidence: Evidence,
}
