use stance_core::fact::{Artifact, ArtifactFormat, EmbeddedKind};
use stance_core::{Confidence, Severity};
use stance_inspect::protobuf::assemble::Builder;
use stance_inspect::{executorch, mxnet};

use stance_intent::names::promises_harm;
use crate::{Cx, Rule};

rule! {
    /// # Model that needs code from outside of its framework
    ///
    /// ## What it finds
    /// Operators, layers and functions of a model that its framework does not bring: layers of an OpenVINO graph
    /// from a set of operators that is not OpenVINO's own, functions of a PMML document that are the names of
    /// classes, operators of an ExecuTorch program or an MXNet graph that the application registers. One that names a
    /// library or a Python file, or a class of the Java runtime, is high.
    ///
    /// ## Why it matters
    /// Such a model runs only where somebody loads a library with the operator, with all rights of the process.
    /// Whoever gets to say which library that is has the process. A model that names the file itself says it.
    ///
    /// ## Example
    /// ```xml
    /// <layer id="3" name="f" type="Custom" library="./warp.so"/>
    /// ```
    ///
    /// ## Fix
    /// Ask the publisher which library the operator comes from, build it from source that was reviewed, and pin
    /// it. Prefer an export that uses the operators of the framework only.
    ///
    /// ## References
    /// - [OpenVINO: extensibility](https://docs.openvino.ai/2025/documentation/openvino-extensibility.html)
    CustomOperator {
        id: "model/custom-operator",
        severity: Low,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "mitre-atlas:AML.T0018.001",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
        ],
        bad: [
            crate::text!(
                "model.xml",
                r#"<net name="a" version="11"><layers><layer id="0" name="a" type="Custom" library="./warp.so"/></layers></net>"#
            ),
            crate::text!(
                "model.pmml",
                r#"<PMML version="4.4"><Header/><TreeModel><Apply function="java.lang.Runtime"/></TreeModel></PMML>"#
            ),
            crate::made!("model.pte", foreign_operator),
            crate::made!("model-symbol.json", library),
            crate::text!(
                "model.xml",
                r#"<net name="a" version="11"><layers><layer id="0" name="a" type="TopK" version="opset11"/></layers><rt_info><extensions path="../../x/libwarp.so"/></rt_info></net>"#
            ),
            crate::made!("model.mlmodel", || {
                let custom = Builder::default().bytes(1, "ReverseShellModel");
                Builder::default().number(1, 5).bytes(2, Builder::default()).bytes(555, custom).build()
            }),
        ],
        good: [
            crate::made!("model.pte", known_operator),
            crate::text!(
                "model.xml",
                r#"<net name="extension.so" version="11"><layers><layer id="0" name="a" type="TopK" version="opset11"/></layers></net>"#
            ),
            crate::text!(
                "model.pmml",
                r#"<PMML version="4.4"><Header/><TreeModel><Apply function="max"/></TreeModel></PMML>"#
            ),
        ],
    }
}

/// Packages that every Java machine has, and those whose classes evaluate text.
const JAVA: &[&str] = &[
    "bsh.", "com.sun.", "freemarker.", "groovy.", "java.", "javax.", "jdk.", "ognl.", "org.apache.commons.",
    "org.codehaus.groovy.", "org.mozilla.javascript.", "org.mvel2.", "org.springframework.", "sun.",
];

/// Ends of the names of files that hold code.
const FILES: &[&str] = &[".so", ".dll", ".dylib", ".py", ".pyc"];

impl Rule for CustomOperator {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        // Rules of their own speak of the graphs and layers of TensorFlow and Keras.
        if matches!(
            artifact.format,
            ArtifactFormat::Hdf5
                | ArtifactFormat::Keras
                | ArtifactFormat::SavedModel
                | ArtifactFormat::Tflite
        ) || artifact.framework.as_deref() == Some("keras")
        {
            return;
        }
        let all = artifact.embedded.iter();
        for operator in all.filter(|embedded| embedded.kind == EmbeddedKind::CustomOperator) {
            let name = operator.name.to_ascii_lowercase();
            let java = JAVA.iter().any(|package| operator.name.starts_with(package));
            let python = matches!(&*name, "python" | "pythonop" | "pyop" | "pyfunc");
            let detail = operator.detail.to_ascii_lowercase();
            let file = FILES.iter().any(|end| detail.ends_with(end));
            let draft = cx
                .report(
                    &operator.evidence,
                    format!("The model needs `{}` from outside of its framework", operator.name),
                )
                .note(&*operator.detail);
            if let Some(words) = promises_harm(&operator.name) {
                draft
                    .severity(Severity::High)
                    .note(format!("the name says `{words}`"));
            } else if java || python || file {
                draft.severity(Severity::High);
            } else {
                draft.confidence(Confidence::Medium);
            }
        }
    }
}

fn known_operator() -> Vec<u8> {
    executorch::assemble::program("aten::add", "XnnpackBackend", &[1; 24], &[2; 64])
}

fn foreign_operator() -> Vec<u8> {
    executorch::assemble::program("acme::warp", "XnnpackBackend", &[1; 24], &[])
}

fn library() -> Vec<u8> {
    mxnet::assemble::graph("Custom", "lib", "./warp.so").into_bytes()
}
