use stance_core::Severity;
use stance_core::fact::Manifest;

use crate::{Cx, Rule};

rule! {
    /// # Second package index beside the public one
    ///
    /// ## What it finds
    /// A manifest that has packages looked up in a second index (`--extra-index-url`, a supplementary source of
    /// Poetry, a second source of Pipenv) or in a list of links, and an index over plain HTTP.
    ///
    /// ## Why it matters
    /// pip asks all indexes and takes the highest version of any. A private name that somebody registers on the
    /// public index with a high version number is installed in place of the private package: dependency
    /// confusion. In December 2022 that is how a file-stealing `torchtriton` got into nightly installations
    /// of PyTorch, whose own index was an extra one.
    ///
    /// ## Example
    /// ```text
    /// --extra-index-url https://pypi.acme.io/simple
    /// acme-rag==1.2
    /// ```
    ///
    /// ## Fix
    /// Use one index that proxies the other, or bind packages to their index:
    ///
    /// ```toml
    /// [[tool.uv.index]]
    /// name = "acme"
    /// url = "https://pypi.acme.io/simple"
    /// explicit = true
    ///
    /// [tool.uv.sources]
    /// acme-rag = { index = "acme" }
    /// ```
    ///
    /// With pip, pin versions with `--require-hashes`.
    ///
    /// ## References
    /// - CWE-427: Uncontrolled Search Path Element
    /// - PyTorch: Compromised PyTorch-nightly dependency chain, December 2022
    /// - pip: `--extra-index-url` warning
    IndexOverride {
        id: "supply-chain/index-override",
        severity: Medium,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.001",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
        ],
        bad: [
            crate::text!("requirements.txt", "--extra-index-url https://pypi.acme.io/simple\nacme-rag==1.2\n"),
            crate::text!("requirements.txt", "-i http://pypi.acme.io/simple\nopenai==1.0\n"),
            crate::text!(
                "pyproject.toml",
                "[tool.poetry]\nname = \"a\"\n[[tool.poetry.source]]\nname = \"acme\"\nurl = \"https://pypi.acme.io/simple\"\npriority = \"supplemental\"\n"
            ),
        ],
        good: [
            crate::text!("requirements.txt", "--index-url https://pypi.acme.io/simple\nacme-rag==1.2\n"),
            crate::text!(
                "pyproject.toml",
                "[project]\nname = \"a\"\n[[tool.uv.index]]\nname = \"acme\"\nurl = \"https://pypi.acme.io/simple\"\nexplicit = true\n"
            ),
            crate::text!("requirements.txt", "# --extra-index-url https://pypi.acme.io/simple\nopenai==1.0\n"),
        ],
    }
}

/// Public indexes that hold packages of their own names only.
const PUBLIC: [&str; 9] = [
    "https://pypi.org/",
    "https://download.pytorch.org/",
    "https://pypi.nvidia.com",
    "https://pypi.ngc.nvidia.com",
    "https://storage.googleapis.com/jax-releases",
    "https://storage.googleapis.com/libtpu-releases",
    "https://data.pyg.org/",
    "https://flashinfer.ai/whl",
    "https://wheels.vllm.ai",
];

impl Rule for IndexOverride {
    fn manifest(&self, manifest: &Manifest, cx: &mut Cx<'_>) {
        for index in &manifest.indexes {
            let url = &index.url;
            if url.starts_with("http://") && !is_local(url) {
                cx.report(
                    &index.evidence,
                    format!("packages come from an index over plain HTTP: {url}"),
                );
            } else if index.extra && !url.starts_with("https://pypi.org/") && !is_local(url) {
                let draft = cx.report(
                    &index.evidence,
                    format!("the index {url} is asked in addition to another, and the highest version of either wins"),
                );
                if PUBLIC.iter().any(|known| url.starts_with(known)) {
                    draft
                        .severity(Severity::Low)
                        .note("it is a well-known public index; what matters is which names the default index has besides");
                }
            }
        }
    }
}

fn is_local(url: &str) -> bool {
    ["http://localhost", "http://127.", "file:"]
        .iter()
        .any(|local| url.starts_with(local))
}
