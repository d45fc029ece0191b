use stance_core::AssetKind;
use stance_core::fact::Reference;
use crate::calls::severity_at;
use stance_core::Severity;

use crate::{Cx, Rule};

rule! {
    /// # Key of a model provider that goes to every browser
    ///
    /// ## What it finds
    /// A variable whose prefix makes a web framework build it into the pages (`NEXT_PUBLIC_`, `VITE_`, `REACT_APP_`,
    /// `NUXT_PUBLIC_`, `EXPO_PUBLIC_`) and whose name is that of a key of a model provider:
    /// `NEXT_PUBLIC_OPENAI_API_KEY`.
    ///
    /// ## Why it matters
    /// The framework writes the value into the script that every visitor loads. Whoever opens the developer tools has
    /// the key, and its owner has the bill.
    ///
    /// ## Example
    /// ```sh
    /// NEXT_PUBLIC_OPENAI_API_KEY=
    /// ```
    ///
    /// ## Fix
    /// Rename the variable without the prefix, call the provider from the server, and replace the key if it was ever
    /// deployed.
    ///
    /// ## References
    /// - Next.js documentation, environment variables for the browser
    /// - CWE-522: Insufficiently Protected Credentials
    BrowserModelKey {
        id: "config/browser-model-key",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM02",
            "owasp-llm-2025:LLM10",
            "mitre-atlas:AML.T0055",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::text!(".env.example", "NEXT_PUBLIC_OPENAI_API_KEY=\n"),
        ],
        good: [
            crate::text!(".env.example", "OPENAI_API_KEY=\nNEXT_PUBLIC_SITE=x\n"),
            crate::text!("src/main.rs", "fn main() { let key = std::env::var(\"NEXT_PUBLIC_OPENAI_API_KEY\"); }\n"),
        ],
    }
}

impl Rule for BrowserModelKey {
    fn reference(&self, reference: &Reference, cx: &mut Cx<'_>) {
        let prefixes = ["NEXT_PUBLIC_", "VITE_", "REACT_APP_", "NUXT_PUBLIC_", "EXPO_PUBLIC_"];
        let public = prefixes.iter().find(|prefix| reference.name.starts_with(**prefix));
        let secret = ["_KEY", "_TOKEN", "_SECRET"].iter().any(|end| reference.name.ends_with(end));
        // Keys of these are made for browsers, or are no keys of models.
        let meant = ["LANGFUSE_PUBLIC", "PUBLISHABLE", "SUPABASE", "FIREBASE", "POSTHOG", "ANON_KEY"];
        // A program on the machine reads the variable too, and builds no pages.
        let path = reference.evidence.path.to_ascii_lowercase();
        let program = ["py", "ipynb", "go", "java", "kt", "kts", "cs", "rs", "rb", "php"];
        let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
        if let (AssetKind::Identity, Some(prefix), Some(_)) = (reference.kind, public, &reference.vendor)
            && secret
            && !program.contains(&extension)
            && !meant.iter().any(|word| reference.name.contains(word))
        {
            let severity = severity_at(&reference.evidence, Severity::Medium);
            cx.report(&reference.evidence, format!("`{}` is built into the pages", reference.name))
                .severity(severity)
                .note(format!("`{prefix}` hands a variable to every browser"));
        }
    }
}
