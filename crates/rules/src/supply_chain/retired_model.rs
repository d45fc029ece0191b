use stance_core::{Confidence, Scope, Severity, Snapshot};

use crate::lifecycle::{MORE_PLACES, called, named};
use crate::{Cx, Rule};

rule! {
    /// # Call of a model that its provider no longer serves
    ///
    /// ## What it finds
    /// A model of OpenAI, Anthropic, Google, Mistral, xAI, Groq or Azure OpenAI that code or configuration names to call,
    /// and that the provider announced to shut down on a day that is over when the scan runs. One finding per application and
    /// model. What Azure serves is judged by the days of Azure; what Amazon Bedrock and Google Cloud serve of other makers is
    /// left alone, because it ends on days of theirs, and so is what goes through a router, and a source file that lists six or more
    /// models, which is a catalogue rather than a call. In tests and documentation it counts less, and so does a default
    /// that may be set otherwise.
    ///
    /// ## Why it matters
    /// Requests fail, or the provider answers them with another model that nobody evaluated here. A fallback in the
    /// code then hides either.
    ///
    /// ## Example
    /// ```python
    /// client.chat.completions.create(model="gpt-4-32k", messages=messages)
    /// ```
    ///
    /// ## Fix
    /// Move to the replacement that the provider names, run the evaluations again before it goes live, and keep the name of
    /// the model in one place.
    ///
    /// ## References
    /// - OpenAI, Deprecations
    /// - Anthropic, Model deprecations
    /// - Google, Gemini deprecations
    RetiredModel {
        id: "supply-chain/retired-model",
        severity: Medium,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.6.2.5",
        ],
        bad: [
            crate::text!("app.py", "import openai\nclient = openai.OpenAI()\nclient.chat.completions.create(model='gpt-4-32k', messages=[])\n"),
            crate::text!("app.ts", "import { anthropic } from '@ai-sdk/anthropic';\nimport { generateText } from 'ai';\nawait generateText({ model: anthropic('claude-3-opus-20240229'), prompt: 'x' });\n"),
        ],
        good: [
            crate::text!("app.py", "import openai\nclient = openai.OpenAI()\nclient.chat.completions.create(model='gpt-5.1', messages=[])\n"),
            // Bedrock has days of its own.
            crate::text!("app.py", "import boto3\nbedrock = boto3.client('bedrock-runtime')\nbedrock.converse(modelId='anthropic.claude-3-opus-20240229-v1:0', messages=[])\n"),
            // Announced, but still served.
            crate::text!("app.py", "import openai\nclient = openai.OpenAI()\nclient.chat.completions.create(model='gpt-5', messages=[])\n"),
        ],
    }
}

impl Rule for RetiredModel {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        cx.judges(called(snapshot));
        let today = snapshot.today();
        for one in named(snapshot) {
            let announced = one.announced;
            let Some(retired) = announced.retired.filter(|day| *day <= today) else {
                continue;
            };
            let Some((first, more)) = one.places.split_first() else {
                continue;
            };
            let severity = match (one.scope, one.certain) {
                (Scope::Production, true) => Severity::Medium,
                (Scope::Production, false) => Severity::Low,
                _ => Severity::Info,
            };
            let message = format!("{} no longer serves `{}` since {retired}", announced.service, announced.model);
            let mut draft = cx
                .report_about(one.model.clone(), first, message)
                .severity(severity)
                .note(format!("announced at {}", announced.source));
            if one.elsewhere {
                draft = draft.confidence(Confidence::Medium);
            }
            if let Some(replacement) = announced.replacement {
                draft = draft.fix(format!("move to `{replacement}`, which the provider recommends, and evaluate again"));
            }
            if !more.is_empty() {
                draft = draft.note(format!("named in {} more places of this application", more.len()));
            }
            for place in more.iter().take(MORE_PLACES) {
                draft = draft.also(place);
            }
        }
    }
}
