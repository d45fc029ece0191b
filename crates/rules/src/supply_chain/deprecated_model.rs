use jiff::ToSpan;
use stance_core::{Confidence, Scope, Severity, Snapshot};

use crate::lifecycle::{MORE_PLACES, called, named};
use crate::{Cx, Rule};

rule! {
    /// # Call of a model whose end the provider announced
    ///
    /// ## What it finds
    /// A model that code or configuration outside of tests and documentation names to call and that the provider deprecated,
    /// while it still serves it when the scan runs. It counts more in the last 90 days. One finding per application and model;
    /// models that are gone already are `supply-chain/retired-model`.
    ///
    /// ## Why it matters
    /// From that day on requests fail or go to another model. A replacement has to be evaluated first, which takes longer
    /// than a change of a name.
    ///
    /// ## Example
    /// ```python
    /// client.responses.create(model="gpt-5", input=question)
    /// ```
    ///
    /// ## Fix
    /// Plan the move to the replacement that the provider names before the day, with the evaluations of the application.
    ///
    /// ## References
    /// - OpenAI, Deprecations
    /// - Anthropic, Model deprecations
    /// - Cohere, Deprecations
    DeprecatedModel {
        id: "supply-chain/deprecated-model",
        severity: Low,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.6.2.5",
        ],
        bad: [
            crate::text!("app.py", "import openai\nclient = openai.OpenAI()\nclient.chat.completions.create(model='gpt-5', messages=[])\n"),
            crate::text!("app.py", "import cohere\nco = cohere.ClientV2()\nco.chat(model='command-r-plus-04-2024', messages=[])\n"),
        ],
        good: [
            crate::text!("app.py", "import openai\nclient = openai.OpenAI()\nclient.chat.completions.create(model='gpt-5.5', messages=[])\n"),
            // Gone already.
            crate::text!("app.py", "import openai\nclient = openai.OpenAI()\nclient.chat.completions.create(model='gpt-4-32k', messages=[])\n"),
            crate::text!("tests/test_app.py", "import openai\nclient = openai.OpenAI()\nclient.chat.completions.create(model='gpt-5', messages=[])\n"),
        ],
    }
}

impl Rule for DeprecatedModel {
    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        cx.judges(called(snapshot));
        let today = snapshot.today();
        let soon = today.checked_add(90.days()).unwrap_or(today);
        for one in named(snapshot) {
            let announced = one.announced;
            if one.scope != Scope::Production
                || announced.retired.is_some_and(|day| day <= today)
                || announced.deprecated.is_some_and(|day| day > today)
            {
                continue;
            }
            let Some((first, more)) = one.places.split_first() else {
                continue;
            };
            let message = match announced.retired {
                Some(day) => format!("{} serves `{}` until {day}", announced.service, announced.model),
                None => format!("{} deprecated `{}`", announced.service, announced.model),
            };
            let near = announced.retired.is_none_or(|day| day <= soon);
            let mut draft = cx
                .report_about(one.model.clone(), first, message)
                .severity(if near && one.certain { Severity::Low } else { Severity::Info })
                .note(format!("announced at {}", announced.source));
            if one.elsewhere {
                draft = draft.confidence(Confidence::Medium);
            }
            if let Some(replacement) = announced.replacement {
                draft = draft.fix(format!("move to `{replacement}`, which the provider recommends, before that day"));
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
