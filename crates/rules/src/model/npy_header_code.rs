use stance_core::fact::{Artifact, ArtifactFormat, EmbeddedKind};
use stance_inspect::numpy;

use crate::{Cx, Rule};

rule! {
    /// # NumPy file with code in its header
    ///
    /// ## What it finds
    /// A `.npy` array whose header is not a description of the array but a Python expression that calls
    /// something.
    ///
    /// ## Why it matters
    /// The header is Python source by design. NumPy reads it as a literal and refuses anything else, but
    /// smaller readers of the format pass it to `eval`, and those run what stands there. No program that
    /// saves arrays writes such a header.
    ///
    /// ## Example
    /// ```text
    /// \x93NUMPY\x01\x00v\x00__import__('os').system('id')
    /// ```
    ///
    /// ## Fix
    /// Delete the file and find out who made it. Read arrays with `numpy.load(path, allow_pickle=False)`.
    ///
    /// ## References
    /// - [NumPy: the npy format](https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html)
    /// - [CWE-95: eval injection](https://cwe.mitre.org/data/definitions/95.html)
    NpyHeaderCode {
        id: "model/npy-header-code",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [crate::made!("x.npy", code)],
        good: [crate::made!("x.npy", array), crate::made!("record.npy", record)],
    }
}

impl Rule for NpyHeaderCode {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(matches!(artifact.format, ArtifactFormat::Npy | ArtifactFormat::Npz));
        if !matches!(artifact.format, ArtifactFormat::Npy | ArtifactFormat::Npz) {
            return;
        }
        let all = artifact.embedded.iter();
        for embedded in all.filter(|embedded| embedded.kind == EmbeddedKind::Source) {
            cx.report(
                &embedded.evidence,
                format!("The array's header is Python code: `{}`", embedded.detail),
            );
        }
    }
}

fn code() -> Vec<u8> {
    numpy::assemble::npy("__import__('os').system('id')", &[0; 8])
}

fn array() -> Vec<u8> {
    numpy::assemble::npy(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
        &[0; 8],
    )
}

fn record() -> Vec<u8> {
    numpy::assemble::npy(
        "{'descr': [('eval (x)', '<f4'), ('y', '<i2', (2,))], 'fortran_order': False, 'shape': (1,), }",
        &[0; 8],
    )
}
