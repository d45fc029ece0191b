use stance_core::fact::{CodeCall, Value};
use stance_core::{Confidence, Severity};

use crate::calls::{in_words, is_commit, is_on, is_own, severity_at, shown};
use crate::{Cx, Rule};

rule! {
    /// # Model or data set allowed to bring its own code
    ///
    /// ## What it finds
    /// `trust_remote_code=True` in a call that loads a model, tokenizer, pipeline or data set from
    /// the Hugging Face hub, or that starts an inference engine such as vLLM with it.
    ///
    /// ## Why it matters
    /// With this argument the Python files of the repository are downloaded and imported into the
    /// process. Whoever owns the repository, takes over the account behind it or registers a
    /// deleted name again runs code on every machine that loads the model, without a new release
    /// of the program. Where a revision is fixed to a commit the code can at least be reviewed
    /// once, and where whoever starts the program names the repository, it is at least theirs to
    /// trust; the severity is then medium.
    ///
    /// ## Example
    /// ```python
    /// model = AutoModel.from_pretrained("org/model", trust_remote_code=True)
    /// ```
    ///
    /// ## Fix
    /// Use an architecture that the library knows, and leave the argument out. Where the code is
    /// needed, read it, fix `revision` (and `code_revision`) to the full commit hash that was
    /// read, or copy the files into the program, and load in a sandbox without credentials.
    ///
    /// ## References
    /// - Transformers documentation, custom models
    /// - CWE-829: Inclusion of Functionality from Untrusted Control Sphere
    TrustRemoteCode {
        id: "code/trust-remote-code",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.003",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!("a.py", "from transformers import AutoModel\nm = AutoModel.from_pretrained('org/m', trust_remote_code=True)\n"),
            crate::text!("a.py", "from datasets import load_dataset\nTRUST = True\nd = load_dataset('org/d', trust_remote_code=TRUST)\n"),
            crate::text!("a.py", "from vllm import LLM\nllm = LLM(model='org/m', trust_remote_code=True)\n"),
        ],
        good: [
            crate::text!("a.py", "from transformers import AutoModel\nm = AutoModel.from_pretrained('org/m', trust_remote_code=False)\n"),
            crate::text!("a.py", "from transformers import AutoModel\ndef load(trust):\n    return AutoModel.from_pretrained('org/m', trust_remote_code=trust)\n"),
            crate::text!("a.py", "parser.add_argument('--trust_remote_code', action='store_true')\n"),
        ],
    }
}

impl Rule for TrustRemoteCode {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.from_pretrained(trust_remote_code)",
            "*.from_config(trust_remote_code)",
            "*.load_dataset(trust_remote_code)",
            "*.load_dataset_builder(trust_remote_code)",
            "transformers.pipeline(trust_remote_code)",
            "sentence_transformers.SentenceTransformer(trust_remote_code)",
            "sentence_transformers.CrossEncoder(trust_remote_code)",
            "vllm.LLM(trust_remote_code)",
            "vllm.EngineArgs(trust_remote_code)",
            "vllm.AsyncEngineArgs(trust_remote_code)",
            "sglang.Engine(trust_remote_code)",
            "langchain_huggingface.HuggingFaceEmbeddings(trust_remote_code)",
            "evaluate.load(trust_remote_code)",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        if !is_on(call, "trust_remote_code") || is_own(&call.callee) {
            return;
        }
        let source = ["pretrained_model_name_or_path", "path", "model"]
            .iter()
            .find_map(|name| call.keyword(name))
            .or_else(|| call.positional(0));
        let local = source.and_then(Value::text).is_some_and(is_local);
        let pinned = call
            .keyword("revision")
            .and_then(Value::text)
            .is_some_and(is_commit);
        let named = source.and_then(Value::text).is_some();
        let severity = if pinned || local || !named { Severity::Medium } else { Severity::High };
        let whose = match source.and_then(in_words) {
            Some(words) => format!("the code of {words}"),
            None => "whatever code the repository holds".to_owned(),
        };
        let draft = cx
            .report(
                &call.evidence,
                format!("`{}` imports {whose}", shown(&call.callee)),
            )
            .severity(severity_at(&call.evidence, severity));
        if !named {
            draft
                .confidence(Confidence::Medium)
                .note("which repository it is, is decided at run time");
        }
    }
}

fn is_local(path: &str) -> bool {
    path.starts_with(['.', '/', '~']) || path.matches('/').count() > 1
}
