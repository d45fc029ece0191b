use stance_core::Severity;
use stance_core::fact::Dependency;

use crate::advisories::{self, Advisory};
use crate::{Cx, Rule};

rule! {
    /// # Version of a model loader with a published flaw
    ///
    /// ## What it finds
    /// A manifest or lock file that fixes a package which loads, serves or scans model files to a version with a
    /// published flaw in doing so: PyTorch, Keras, ONNX, NumPy, transformers, vLLM, llama-cpp-python, skops,
    /// NeMo, TorchServe, picklescan and others. A constraint counts when every version it allows is affected.
    /// The list holds flaws that a model file makes use of, and only those with a fixed version.
    ///
    /// ## Why it matters
    /// The safe way to load a file is only as safe as its implementation: `weights_only=True` before PyTorch
    /// 2.6 and `safe_mode=True` in Keras before 3.12 both let files run code. People who checked their code for
    /// the flag believe that they may load what they like.
    ///
    /// ## Example
    /// ```text
    /// torch==2.5.1
    /// ```
    ///
    /// ## Fix
    /// Move to the fixed version that the finding names. Until then load only files whose origin you know, in
    /// formats that hold nothing but tensors.
    ///
    /// ## References
    /// - [GitHub Advisory Database](https://github.com/advisories)
    /// - CVE-2025-32434: `torch.load` with `weights_only=True`
    VulnerableLoader {
        id: "supply-chain/vulnerable-loader",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.001",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
        ],
        bad: [
            crate::text!("requirements.txt", "torch==2.5.1+cu121\n"),
            crate::text!("requirements.txt", "keras>=3.1,<3.9\n"),
            crate::text!("uv.lock", "[[package]]\nname = \"llama-cpp-python\"\nversion = \"0.2.71\"\n"),
        ],
        good: [
            crate::text!("requirements.txt", "torch==2.10.0\nkeras==3.15.0\nnumpy>=1.16\nonnx>=1.10\n"),
            crate::text!("uv.lock", "[[package]]\nname = \"llama-cpp-python\"\nversion = \"0.2.72\"\n"),
            // Every release has the flaw, by design: nothing to move to.
            crate::text!("requirements.txt", "mlflow==3.1.0\njoblib==1.5.0\n"),
        ],
    }
}

impl Rule for VulnerableLoader {
    fn dependency(&self, dependency: &Dependency, cx: &mut Cx<'_>) {
        let mut found = flaws(dependency);
        found.sort_by_key(|advisory| std::cmp::Reverse(advisory.severity));
        let Some(worst) = found.first() else {
            return;
        };
        let message = format!(
            "`{}` has the flaw {}: {}",
            advisories::wording(dependency),
            worst.id,
            worst.what
        );
        let fixed = newest(&found);
        let mut draft = cx
            .report(&dependency.evidence, message)
            // What is at hand is an old version, not yet a file that makes use of it.
            .severity(worst.severity.min(Severity::High));
        for advisory in &found {
            draft = draft.note(advisory.note());
        }
        if let Some(fixed) = fixed {
            draft.fix(format!("Move to {} {fixed} or later", dependency.name));
        }
    }
}

/// The flaws in loading files that every version has which is asked for.
pub(super) fn flaws(dependency: &Dependency) -> Vec<&'static Advisory> {
    let Some(range) = advisories::range_of(dependency).filter(advisories::Range::is_bounded) else {
        return Vec::new();
    };
    advisories::all()
        .iter()
        .filter(|advisory| {
            advisory.ecosystem == Some(dependency.ecosystem)
                && advisory.package == dependency.name
                && advisory.fixed.is_some()
                && advisory.affects(&range) == Some(true)
        })
        .collect()
}

/// The version that has none of the flaws.
fn newest(found: &[&'static Advisory]) -> Option<&'static str> {
    found
        .iter()
        .filter_map(|advisory| advisory.fixed)
        .max_by_key(|fixed| advisories::Version::parse(fixed))
}
