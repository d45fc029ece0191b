use stance_core::fact::{CodeCall, Value};
use stance_core::Severity;
use crate::calls::severity_at;

use crate::{Cx, Rule};

rule! {
    /// # Safety checker of an image model switched off
    ///
    /// ## What it finds
    /// A Diffusers pipeline loaded with `safety_checker=None` or `requires_safety_checker=False`, and calls of hosted
    /// image models with `disable_safety_checker` set or `enable_safety_checker` off.
    ///
    /// ## Why it matters
    /// The checker is what keeps images of abuse and nudity from being handed out. People who use the application will
    /// ask for them, and who offers it answers for what it shows.
    ///
    /// ## Example
    /// ```python
    /// StableDiffusionPipeline.from_pretrained("runwayml/stable-diffusion-v1-5", safety_checker=None)
    /// ```
    ///
    /// ## Fix
    /// Leave the checker on, or put another classifier between the pipeline and users.
    ///
    /// ## References
    /// - Diffusers documentation, safety checker
    SafetyCheckerOff {
        id: "code/safety-checker-off",
        severity: Low,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM05",
            "owasp-llm-2026:LLM10",
            "nist-ai-600-1:2.3",
            "nist-ai-rmf-1.0:MANAGE 1.4",
            "iso-42001-2023:A.6.2.4",
            "eu-ai-act:Art. 9",
        ],
        bad: [
            crate::text!("a.py", "from diffusers import StableDiffusionPipeline\np = StableDiffusionPipeline.from_pretrained('runwayml/stable-diffusion-v1-5', safety_checker=None)\n"),
            crate::text!("a.py", "import replicate\nreplicate.run('stability-ai/sdxl', input={'prompt': 'x', 'disable_safety_checker': True})\n"),
        ],
        good: [
            crate::text!("a.py", "from diffusers import StableDiffusionPipeline\np = StableDiffusionPipeline.from_pretrained('runwayml/stable-diffusion-v1-5')\n"),
            crate::text!("a.py", "import replicate\nreplicate.run('stability-ai/sdxl', input={'prompt': 'x', 'disable_safety_checker': False})\n"),
        ],
    }
}

impl Rule for SafetyCheckerOff {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.from_pretrained(safety_checker)",
            "*.from_single_file(safety_checker)",
            "replicate.run",
            "fal_client.subscribe",
            "fal_client.run",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(what) = seen(call) else { return };
        let severity = severity_at(&call.evidence, Severity::Low);
        cx.report(&call.evidence, what).severity(severity);
    }
}

fn seen(call: &CodeCall) -> Option<String> {
    let name = crate::calls::shown(&call.callee);
    let inputs = call.keyword("input").or_else(|| call.keyword("arguments"));
    let input = |key: &str| match inputs {
        Some(Value::Map(map)) => map.get(key).and_then(Value::boolean),
        _ => None,
    };
    let off = call.keyword("safety_checker") == Some(&Value::Null)
        || call.keyword("requires_safety_checker").and_then(Value::boolean) == Some(false)
        || input("disable_safety_checker") == Some(true)
        || input("enable_safety_checker") == Some(false);
    off.then(|| format!("`{name}` runs without its safety checker"))
}
