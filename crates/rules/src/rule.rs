//! What a rule is.

use std::fmt;

use serde::Serialize;
use stance_core::fact::{
    AdvisoryState, AgentPermission, Allow, Artifact, Code, CodeCall, Comparison, Dependency, Gap,
    Instructions, Manifest, McpServer, Reference, Secret, Service, Signature, Vulnerable,
};
use stance_core::policy::Waiver;
use stance_core::{Asset, Severity, Snapshot};

use crate::context::Cx;
use crate::doc::Doc;
use crate::example::Example;

/// When in the life of an AI system a rule speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// While models and data are acquired.
    Supply,
    /// While code and configuration are written.
    Develop,
    /// While it is packaged and put into place.
    Deploy,
    /// While it runs.
    Operate,
    /// While it is decided upon.
    Govern,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Supply => "supply",
            Self::Develop => "develop",
            Self::Deploy => "deploy",
            Self::Operate => "operate",
            Self::Govern => "govern",
        })
    }
}

/// What a rule says about itself.
#[derive(Debug)]
pub struct RuleMeta {
    /// `area/name`; reads as "allow <name>".
    pub id: &'static str,
    /// How bad its findings are unless it says otherwise for one.
    pub severity: Severity,
    /// When it speaks.
    pub stage: Stage,
    /// Controls it is evidence for, `framework:id` of [`stance_core::control`].
    pub controls: &'static [&'static str],
    /// The doc comment, as written.
    pub text: &'static str,
    /// The source file.
    pub file: &'static str,
    /// Trees in which it must find something.
    pub bad: &'static [Example],
    /// Trees in which it must find nothing.
    pub good: &'static [Example],
}

impl RuleMeta {
    /// The part of the id before the slash.
    #[must_use]
    pub fn area(&self) -> &'static str {
        self.id.split('/').next().unwrap_or_default()
    }

    /// The part of the id behind the slash.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.id.split('/').nth(1).unwrap_or_default()
    }

    /// The doc comment in its parts.
    #[must_use]
    pub fn doc(&self) -> Doc {
        Doc::parse(self.text)
    }
}

/// A rule and what it says about itself.
pub struct Entry {
    /// What it says about itself.
    pub meta: RuleMeta,
    /// What it does.
    pub rule: &'static dyn Rule,
}

/// How a waiver fared in a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaiverUse {
    /// It accepted this many findings.
    Matched(usize),
    /// It holds but nothing fits it.
    Unmatched,
    /// Its last day is over; this many findings would have fitted.
    Expired(usize),
}

/// What a rule does: it overrides the narrowest hook it needs. Each hook is
/// called once per fact of its kind, in a fixed order, and reports through [`Cx`].
///
/// What a hook is told of counts as judged, which makes the silence of a rule mean something: a rule that sees a fact
/// and does not judge its kind says so by [`Cx::judges_if`], and one about the whole inventory says how many things it
/// judged by [`Cx::judges`].
pub trait Rule: Sync {
    /// Whether scans tell it. If not, the comparison of two scans does, in the store, and it has no hooks.
    fn is_of_scans(&self) -> bool {
        true
    }

    /// How many files were searched for what it judges, where it is told only of what was found: credentials, and
    /// what was not looked at. It takes the place of the number of facts.
    fn searched(&self, _snapshot: &Snapshot) -> u64 {
        0
    }

    /// Patterns of the calls that [`Rule::call`] wants to see, such as
    /// `torch.load` or `*.from_pretrained`; see [`stance_inspect::Interests`].
    fn calls(&self) -> &'static [&'static str] {
        &[]
    }

    /// A call in source code that fits [`Rule::calls`].
    fn call(&self, _call: &CodeCall, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// A source file as a whole.
    fn code(&self, _code: &Code, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// A model or data file.
    fn artifact(&self, _artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// A place that names an asset.
    fn reference(&self, _reference: &Reference, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// A manifest, with the registries it names.
    fn manifest(&self, _manifest: &Manifest, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// A package that is needed.
    fn dependency(&self, _dependency: &Dependency, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// A package with published flaws.
    fn vulnerable(&self, _vulnerable: &Vulnerable, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// What packages were held against.
    fn advisory_state(&self, _state: &AdvisoryState, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// An MCP server that a client declares.
    fn mcp_server(&self, _server: &McpServer, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// Something an agent may do without asking.
    fn permission(&self, _permission: &AgentPermission, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// A container or image definition.
    fn service(&self, _service: &Service, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// Instructions that an agent or model reads.
    fn instructions(&self, _instructions: &Instructions, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// A credential value.
    fn secret(&self, _secret: &Secret, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// A signature over a model.
    fn signature(&self, _signature: &Signature, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// Two versions of one model, held against each other.
    fn comparison(&self, _comparison: &Comparison, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// Something that was not looked at.
    fn gap(&self, _gap: &Gap, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// One asset of the inventory.
    fn asset(&self, _asset: &Asset, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// The whole inventory graph.
    fn graph(&self, _snapshot: &Snapshot, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// A waiver, after it was held against all findings.
    fn waiver(&self, _waiver: &Waiver, _use: WaiverUse, cx: &mut Cx<'_>) {
        cx.passes();
    }

    /// An inline comment, after it was held against all findings of its file;
    /// `matched` is how many it suppressed.
    fn allow(&self, _allow: &Allow, _matched: usize, cx: &mut Cx<'_>) {
        cx.passes();
    }
}
