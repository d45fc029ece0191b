use stance_core::fact::Reference;
use stance_core::{AssetKind, Scope, Severity};

use crate::address::{Reach, parse, reach};
use crate::{Cx, Rule};

rule! {
    /// # Agent card that asks for no authentication
    ///
    /// ## What it finds
    /// An agent card of the Agent2Agent protocol whose address is on the network and that declares no security scheme, so that it
    /// tells other agents to call without credentials. Cards of the own machine, in tests and in documentation are left
    /// alone. Whether the card is signed stands in a note.
    ///
    /// ## Why it matters
    /// Clients do what the card says. Whoever reaches the address can give the agent tasks, with the tools and the data that it
    /// has. Without a signature somebody in between can also change the card and lead the tasks elsewhere.
    ///
    /// ## Example
    /// ```json
    /// { "name": "Travel", "url": "https://agents.acme.io/travel", "capabilities": {}, "skills": [] }
    /// ```
    ///
    /// ## Fix
    /// Declare how to authenticate under `securitySchemes` and `security`, check it in the agent, and sign the card.
    ///
    /// ## References
    /// - Agent2Agent protocol specification, Agent Card and Authentication
    /// - OWASP Top 10 for Agentic Applications, Insecure Inter-Agent Communication
    A2aCardWithoutAuthentication {
        id: "agent/a2a-card-without-authentication",
        severity: Medium,
        stage: Deploy,
        controls: [
            "owasp-agentic-2026:ASI03",
            "owasp-agentic-2026:ASI07",
            "mitre-atlas:AML.T0049",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::text!("agent-card.json", r#"{"name": "Travel", "url": "https://agents.acme.io/travel", "capabilities": {}, "defaultInputModes": ["text"], "skills": [{"id": "book"}], "security": []}"#),
        ],
        good: [
            crate::text!("agent-card.json", r#"{"name": "Travel", "url": "https://agents.acme.io/travel", "capabilities": {}, "defaultInputModes": ["text"], "skills": [{"id": "book"}], "securitySchemes": {"oauth": {"type": "oauth2"}}, "security": [{"oauth": []}]}"#),
            crate::text!("agent-card.json", r#"{"name": "Travel", "url": "http://localhost:9999/", "capabilities": {}, "defaultInputModes": ["text"], "skills": [{"id": "book"}]}"#),
        ],
    }
}

impl Rule for A2aCardWithoutAuthentication {
    // `protocol`, `authentication` and `signed` are attributes that the parser of cards gives an agent.
    fn reference(&self, reference: &Reference, cx: &mut Cx<'_>) {
        let protocol = reference.attributes.get("protocol").and_then(|it| it.as_str());
        cx.judges_if(reference.kind == AssetKind::Agent && protocol == Some("a2a"));
        let text = |name: &str| reference.attributes.get(name).and_then(|it| it.as_str());
        let card = reference.kind == AssetKind::Agent && text("protocol") == Some("a2a");
        let path = &reference.evidence.path;
        if !card || text("authentication") != Some("none") || Scope::of_path(path) != Scope::Production {
            return;
        }
        let Some((_, host)) = text("url").and_then(parse) else {
            return;
        };
        let reached = reach(&host);
        if !matches!(reached, Reach::Public | Reach::Private) {
            return;
        }
        let severity = if reached == Reach::Public { Severity::Medium } else { Severity::Low };
        let draft = cx
            .report(&reference.evidence, format!("the card of agent `{}` asks for no authentication at `{host}`", reference.name))
            .severity(severity);
        if reference.attributes.get("signed").and_then(serde_json::Value::as_bool) == Some(false) {
            let _ = draft.note("the card is not signed");
        }
    }
}
