use stance_core::Severity;
use stance_core::fact::{Fact, Service, ServiceSource};

use crate::ai_services::is_repeated;
use crate::{Cx, Rule};

rule! {
    /// # Credential written into a container definition
    ///
    /// ## What it finds
    /// A literal credential among the environment variables or build arguments of a Dockerfile or
    /// compose file, told by its name or form. References to the environment (`${OPENAI_API_KEY}`),
    /// placeholders, and the passwords that development containers come with (`postgres`, `minioadmin`)
    /// do not count. A value in the known form of a vendor's key is left to the rules about secrets.
    ///
    /// ## Why it matters
    /// What stands in a Dockerfile stays in the layers of the image: everybody who can pull it can read
    /// it, also after a later line takes it away. A compose file is shared like the code beside it.
    ///
    /// ## Example
    /// ```dockerfile
    /// ENV OPENAI_API_KEY="the key itself"
    /// ```
    ///
    /// ## Fix
    /// Revoke the credential. Give it to the container when it starts (`--env-file`, `secrets:` of
    /// compose or of the orchestrator), and to a build as `RUN --mount=type=secret`.
    ///
    /// ## References
    /// - Docker, build secrets: <https://docs.docker.com/build/building/secrets/>
    /// - MITRE ATLAS AML.T0055, Unsecured Credentials
    ContainerInlineCredential {
        id: "config/container-inline-credential",
        severity: High,
        stage: Deploy,
        controls: [
            "owasp-llm-2025:LLM02",
            "mitre-atlas:AML.T0055",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "iso-42001-2023:A.4.5",
        ],
        bad: [
            crate::text!("Dockerfile", "FROM python:3.12\nENV OPENAI_API_KEY=a8f3k2m9x7c4v1b6\n"),
            crate::text!("compose.yaml", "services:\n  app:\n    build: .\n    environment:\n      - QDRANT_API_KEY=a8f3k2m9x7c4v1b6\n"),
            crate::text!("compose.yaml", "services:\n  db:\n    image: postgres:17.4\n    environment:\n      DATABASE_URL: postgres://app:tr0ub4dor@db/app\n"),
        ],
        good: [
            crate::text!("compose.yaml", "services:\n  app:\n    build: .\n    environment:\n      - OPENAI_API_KEY=${OPENAI_API_KEY}\n      - ANTHROPIC_API_KEY\n"),
            crate::text!("compose.yaml", "services:\n  db:\n    image: postgres:17.4\n    environment:\n      POSTGRES_PASSWORD: postgres\n      POSTGRES_PASSWORD_FILE: /run/secrets/db1\n"),
            crate::text!("Dockerfile", "FROM python:3.12\nARG HF_TOKEN\nENV TOKENIZERS_PARALLELISM=false OPENAI_API_KEY=your-key-here\n"),
        ],
    }
}

impl Rule for ContainerInlineCredential {
    fn service(&self, service: &Service, cx: &mut Cx<'_>) {
        let literal = service.environment.iter().filter(|setting| setting.inline_credential);
        for setting in literal.take(MOST) {
            if is_reported(setting, cx)
                || is_repeated(service, &setting.evidence, cx.snapshot())
            {
                continue;
            }
            let place = match service.source {
                ServiceSource::Dockerfile => "stage",
                ServiceSource::Compose => "service",
                ServiceSource::Script => "container",
            };
            let message = format!(
                "{place} `{}` has a credential written into `{}`",
                service.name, setting.name
            );
            let draft = cx.report(&setting.evidence, message);
            // Passwords in such files mostly guard a database beside it that nobody else reaches.
            let password = setting.name.to_ascii_lowercase().contains("pass");
            if password || setting.value.contains("://") {
                draft.severity(Severity::Medium);
            }
        }
    }
}

/// Most findings of one service; nobody reads more.
const MOST: usize = 20;

/// Whether the same place is known as a secret already, and so is reported there.
fn is_reported(setting: &stance_core::fact::Setting, cx: &Cx<'_>) -> bool {
    let evidence = &setting.evidence;
    let observations = &cx.snapshot().observations;
    let first = observations.partition_point(|seen| *seen.subject < *evidence.path);
    observations
        .iter()
        .skip(first)
        .take_while(|seen| seen.subject == evidence.path)
        .any(|seen| match &seen.fact {
            Fact::Secret(secret) => secret.evidence.locus.line() == evidence.locus.line(),
            _ => false,
        })
}
