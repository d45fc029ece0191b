use stance_core::Severity;
use stance_core::fact::{CodeCall, Value};

use crate::calls::severity_at;
use crate::{Cx, Rule};

rule! {
    /// # YAML loaded with a loader that builds Python objects
    ///
    /// ## What it finds
    /// `yaml.unsafe_load`, `yaml.load` with `Loader`, `UnsafeLoader` or their C versions,
    /// `yaml.load` without any loader, which before PyYAML 5.1 meant the unsafe one, and
    /// `ruamel.yaml.YAML(typ="unsafe")`. `SafeLoader`, `BaseLoader` and `FullLoader` are left
    /// alone.
    ///
    /// ## Why it matters
    /// A YAML document may carry tags such as `!!python/object/apply`, and these loaders obey
    /// them: reading a training recipe, an evaluation suite or a prompt file then runs any
    /// function with any arguments. Recipes are copied from strangers as a matter of course.
    ///
    /// ## Example
    /// ```python
    /// recipe = yaml.load(open("recipe.yaml"), Loader=yaml.Loader)
    /// ```
    ///
    /// ## Fix
    /// `yaml.safe_load(stream)`. Where own tags are needed, add constructors for exactly these to
    /// a subclass of `SafeLoader`.
    ///
    /// ## References
    /// - PyYAML documentation, loading YAML
    /// - CVE-2020-14343, code execution through `FullLoader` before 5.4
    /// - CWE-502: Deserialization of Untrusted Data
    YamlUnsafeLoad {
        id: "code/yaml-unsafe-load",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM03",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0010.001",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::text!("a.py", "import yaml\nrecipe = yaml.load(stream, Loader=yaml.Loader)\n"),
            crate::text!("a.py", "import yaml\nrecipe = yaml.load(stream)\n"),
            crate::text!("a.py", "from yaml import unsafe_load\nrecipe = unsafe_load(stream)\n"),
            crate::text!("a.py", "from ruamel.yaml import YAML\nreader = YAML(typ='unsafe')\n"),
        ],
        good: [
            crate::text!("a.py", "import yaml\nrecipe = yaml.safe_load(stream)\n"),
            crate::text!("a.py", "import yaml\nfrom yaml import CSafeLoader\nrecipe = yaml.load(stream, Loader=CSafeLoader)\n"),
            crate::text!("a.py", "import yaml\nclass Ours(yaml.SafeLoader): pass\nrecipe = yaml.load(stream, Ours)\n"),
            crate::text!("a.py", "from ruamel.yaml import YAML\nreader = YAML(typ='safe')\n"),
        ],
    }
}

impl Rule for YamlUnsafeLoad {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "yaml.load",
            "yaml.load_all",
            "yaml.unsafe_load",
            "yaml.unsafe_load_all",
            "ruamel.yaml.YAML",
            "ruamel.yaml.unsafe_load",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let (severity, how) = match call.callee.as_str() {
            "ruamel.yaml.YAML" => match call.argument(0, "typ").and_then(Value::text) {
                Some("unsafe") => (Severity::High, "with `typ=\"unsafe\"`".to_owned()),
                _ => return,
            },
            "yaml.load" | "yaml.load_all" => match call.argument(1, "Loader") {
                None if call.open_ended => return,
                None => (Severity::Medium, "without a loader".to_owned()),
                Some(Value::Name(loader)) => {
                    let name = loader.rsplit('.').next().unwrap_or_default();
                    let known = loader.starts_with("yaml.");
                    match name {
                        "Loader" | "UnsafeLoader" | "CLoader" | "CUnsafeLoader" if known => {
                            (Severity::High, format!("with `{loader}`"))
                        }
                        _ => return,
                    }
                }
                Some(_) => return,
            },
            _ => (Severity::High, "that builds any object".to_owned()),
        };
        let severity = severity_at(&call.evidence, severity);
        cx.report(&call.evidence, format!("`{}` {how}", call.callee))
            .severity(severity);
    }
}
