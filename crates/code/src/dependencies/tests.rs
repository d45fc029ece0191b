use stance_core::AssetKind;
use stance_core::fact::{Dependency, Fact, Manifest};

use stance_read::{Bytes, Interests, Limits, Options};

fn scan(path: &str, content: &str) -> Vec<Fact> {
    let interests = Interests::default();
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: crate::PARSERS,
    };
    let report = stance_read::scan(path, &Bytes(content.as_bytes()), &options);
    report.facts.into_iter().map(|(_, fact)| fact).collect()
}

fn dependencies(path: &str, content: &str) -> Vec<Dependency> {
    let dependency = |fact| match fact {
        Fact::Dependency(dependency) => Some(*dependency),
        _ => None,
    };
    scan(path, content)
        .into_iter()
        .filter_map(dependency)
        .collect()
}

fn manifest(path: &str, content: &str) -> Option<Manifest> {
    scan(path, content).into_iter().find_map(|fact| match fact {
        Fact::Manifest(manifest) => Some(*manifest),
        _ => None,
    })
}

/// Name, exact version, line.
fn short(path: &str, content: &str) -> Vec<(String, Option<String>, u32)> {
    dependencies(path, content)
        .into_iter()
        .map(|found| {
            (
                found.name,
                found.version,
                found.evidence.locus.line().unwrap(),
            )
        })
        .collect()
}

fn of(name: &str, version: Option<&str>, line: u32) -> (String, Option<String>, u32) {
    (name.to_owned(), version.map(str::to_owned), line)
}

#[test]
fn requirements_as_pip_reads_them() {
    let text = "# models\n\
        -r base.txt\n\
        torch==2.4.0 ; python_version > '3.9'\n\
        Llama_Index[all] >= 0.10, < 1  # pinned below\n\
        requests==2.0\n\
        transformers==4.44.0 \\\n    --hash=sha256:00ff \\\n    --hash=sha256:11ee\n\
        -e git+https://github.com/acme/tool.git@main#egg=acme-tool\n\
        https://host.acme.io/vllm-0.6.0-cp310-linux.whl\n\
        openai @ https://host.acme.io/openai.tar.gz#sha256=00ff\n";
    let found = dependencies("requirements.txt", text);
    let names: Vec<(&str, bool, u32)> = found
        .iter()
        .map(|d| (d.name.as_str(), d.hashed, d.evidence.locus.line().unwrap()))
        .collect();
    assert_eq!(
        names,
        [
            ("torch", false, 3),
            ("llama-index", false, 4),
            ("transformers", true, 6),
            ("acme-tool", false, 9),
            ("vllm", false, 10),
            ("openai", true, 11)
        ]
    );
    assert_eq!(found[0].version.as_deref(), Some("2.4.0"));
    assert_eq!(found[1].constraint, ">= 0.10, < 1");
    assert!(found[3].origin.as_deref().unwrap().starts_with("git+https"));
}

#[test]
fn indexes_are_part_of_the_manifest() {
    // Put together, so that no such address stands in the tree.
    let password = ["p4ssw", "0rd99"].concat();
    let text = format!("--extra-index-url https://u:{password}@pypi.acme.io/simple\ntorch\n");
    let found = manifest("requirements/prod.txt", &text).unwrap();
    assert!(found.indexes[0].extra);
    assert!(!found.indexes[0].url.contains(&password));
    assert!(manifest("notes.txt", &text).is_none());
}

#[test]
fn projects_of_every_kind() {
    let text = r#"[project]
name = "app"
version = "1.2"
dependencies = [
    "anthropic>=0.30",
    "requests",
]
[project.optional-dependencies]
dev = ["openai==1.0"]
[dependency-groups]
eval = ["ragas~=0.2"]
[tool.uv.sources]
anthropic = { git = "https://github.com/acme/fork", branch = "main" }
[[tool.uv.index]]
name = "internal"
url = "https://pypi.acme.io/simple"
"#;
    let found = dependencies("pyproject.toml", text);
    let seen: Vec<(&str, u32, bool)> = found
        .iter()
        .map(|d| {
            (
                d.name.as_str(),
                d.evidence.locus.line().unwrap(),
                d.development,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("anthropic", 5, false),
            ("openai", 9, true),
            ("ragas", 11, false)
        ]
    );
    assert_eq!(
        found[0].origin.as_deref(),
        Some("git+https://github.com/acme/fork@main")
    );
    let manifest = manifest("pyproject.toml", text).unwrap();
    assert_eq!(manifest.name.as_deref(), Some("app"));
    assert_eq!(manifest.version.as_deref(), Some("1.2"));
    assert_eq!(manifest.indexes.len(), 1);

    let poetry = "[tool.poetry]\nname = \"p\"\n[tool.poetry.dependencies]\npython = \"^3.10\"\ntorch = \"2.1.0\"\nlangchain = { version = \"^0.2\", extras = [\"x\"] }\n";
    assert_eq!(
        short("pyproject.toml", poetry),
        [of("torch", Some("2.1.0"), 5), of("langchain", None, 6)]
    );
    let hatch = "[project]\nname = \"h\"\ndynamic = [\"dependencies\"]\n[tool.hatch.metadata.hooks.uv-dynamic-versioning]\ndependencies = [\n    \"torch==2.1.0\",\n]\n";
    assert_eq!(
        short("pyproject.toml", hatch),
        [of("torch", Some("2.1.0"), 6)]
    );
    assert!(manifest_is_none("[tool.ruff]\nline-length = 100\n"));
}

fn manifest_is_none(text: &str) -> bool {
    manifest("pyproject.toml", text).is_none()
}

#[test]
fn python_locks_tell_versions_of_ai_packages() {
    let text = "version = 1\n\n[[package]]\nname = \"anyio\"\nversion = \"4.0\"\n\n[[package]]\nname = \"openai\"\nversion = \"1.50.0\"\nsource = { registry = \"https://pypi.org/simple\" }\ndependencies = [\n    { name = \"httpx\" },\n]\nwheels = [\n    { url = \"x\", hash = \"sha256:00\" },\n]\n\n[package.metadata]\nname = \"no\"\n";
    for path in ["uv.lock", "sub/poetry.lock"] {
        let found = dependencies(path, text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].version.as_deref(), Some("1.50.0"));
        assert!(found[0].locked && found[0].hashed && found[0].origin.is_none());
        assert_eq!(found[0].evidence.locus.line(), Some(8));
    }
    let pipfile = "{\"default\": {\"torch\": {\"version\": \"==2.0.0\", \"hashes\": []}}}";
    assert_eq!(
        short("Pipfile.lock", pipfile),
        [of("torch", Some("2.0.0"), 1)]
    );
}

#[test]
fn other_manifests_of_python() {
    assert_eq!(
        short("Pipfile", "[packages]\ntorch = \"*\"\nflask = \"*\"\n"),
        [of("torch", None, 2)]
    );
    let cfg = "[metadata]\nname = lib\n[options]\ninstall_requires =\n    torch>=2\n    attrs\n[options.extras_require]\ntest = openai\n";
    assert_eq!(
        short("setup.cfg", cfg),
        [of("torch", None, 5), of("openai", None, 8)]
    );
    assert_eq!(
        manifest("setup.cfg", cfg).unwrap().name.as_deref(),
        Some("lib")
    );
    let conda = "name: env\ndependencies:\n  - python=3.10\n  - pytorch::pytorch=2.1.0\n  - pip:\n    - openai==1.0.0\n";
    assert_eq!(
        short("environment.yml", conda),
        [
            of("pytorch", Some("2.1.0"), 4),
            of("openai", Some("1.0.0"), 6)
        ]
    );
}

#[test]
fn requirements_stand_in_lists_of_any_such_name() {
    let text = "\"\"\"Like: install_requires=['jax']\"\"\"\nfrom setuptools import setup\n\n_deps = [\n    \"torch==2.6.0\",  # 'keras'\n    \"trl[vllm]>=0.18\",\n    \"lighteval @ git+https://github.com/a/lighteval.git@0123\",\n]\ndeps = {b: a for a, b in (re.findall(r\"^(x)$\", x)[0] for x in _deps)}\nextras = {}\nextras[\"eval\"] = deps_list(\"lm-eval\")\n\nsetup(\n    name=\"trainer\",\n    version=\"1.0\",\n    keywords=[\"transformers\"],\n    classifiers=[\"Programming Language :: Python :: 3\"],\n    install_requires=[deps[\"accelerate\"], 'openai'],\n    extras_require={\"dev\": [\"wandb\"]},\n)\n";
    assert_eq!(
        short("setup.py", text),
        [
            of("torch", Some("2.6.0"), 5),
            of("trl", None, 6),
            of("lighteval", None, 7),
            of("lm-eval", None, 11),
            of("accelerate", None, 18),
            of("openai", None, 18),
            of("wandb", None, 19),
        ]
    );
    let development = dependencies("setup.py", text);
    assert!(
        development
            .iter()
            .all(|one| one.development == (one.name == "wandb"))
    );
    let manifest = manifest("setup.py", text).unwrap();
    assert_eq!(manifest.name.as_deref(), Some("trainer"));
    assert_eq!(manifest.version.as_deref(), Some("1.0"));
    let other = "from setuptools import setup\nnames = ['torch']\nsetup(packages=['openai'])\n";
    assert!(dependencies("setup.py", other).is_empty());
}

#[test]
fn manifests_and_locks_of_javascript() {
    let text = "{\n  \"name\": \"web\",\n  \"dependencies\": {\n    \"openai\": \"4.5.6\",\n    \"@langchain/core\": \"^0.3.0\",\n    \"react\": \"19\"\n  },\n  \"devDependencies\": {\n    \"ai\": \"git+https://github.com/acme/ai.git\"\n  }\n}";
    let found = dependencies("package.json", text);
    assert_eq!(
        short("package.json", text),
        [
            of("openai", Some("4.5.6"), 4),
            of("@langchain/core", None, 5),
            of("ai", None, 9)
        ]
    );
    assert!(found[2].development && found[2].origin.is_some());
    assert!(manifest("package.json", "{\"type\": \"module\"}").is_none());

    let v3 = "{\"packages\": {\"\": {\"version\": \"1\"},\n\"node_modules/a/node_modules/openai\": {\"version\": \"4.5.6\", \"integrity\": \"sha512-x\"}}}";
    let v1 = "{\"dependencies\": {\"a\": {\"version\": \"1\", \"dependencies\": {\n\"openai\": {\"version\": \"4.5.6\"}}}}}";
    assert_eq!(
        short("package-lock.json", v1),
        [of("openai", Some("4.5.6"), 2)]
    );
    // What comes along with `a` nobody asked for; the rest is.
    assert_eq!(short("package-lock.json", v3), []);
    let asked = v3
        .replace("a/node_modules/", "")
        .replace("\"1\"", "\"1\", \"dependencies\": {\"openai\": \"4\"}");
    assert_eq!(
        short("package-lock.json", &asked),
        [of("openai", Some("4.5.6"), 2)]
    );
    let yarn1 = "# yarn\n\n\"@langchain/core@^0.3.0\", \"@langchain/core@^0.3.1\":\n  version \"0.3.9\"\n  integrity sha512-x\n\nopenai@^4:\n  version \"4.5.6\"\n";
    let yarn2 = "__metadata:\n  version: 8\n\n\"openai@npm:^4.0.0\":\n  version: 4.5.6\n  checksum: 10c0/ff\n";
    assert_eq!(
        short("yarn.lock", yarn1),
        [
            of("@langchain/core", Some("0.3.9"), 3),
            of("openai", Some("4.5.6"), 7)
        ]
    );
    assert_eq!(short("yarn.lock", yarn2), [of("openai", Some("4.5.6"), 4)]);
    let pnpm9 = "lockfileVersion: '9.0'\n\npackages:\n\n  '@langchain/core@0.3.9(openai@4.5.6)':\n    resolution: {integrity: sha512-x}\n\n  openai@4.5.6:\n    resolution: {integrity: sha512-x}\n\nsnapshots:\n\n  openai@4.5.6: {}\n";
    let pnpm5 = "lockfileVersion: 5.4\n\npackages:\n\n  /@langchain/core/0.3.9_abc:\n    resolution: {integrity: x}\n";
    assert_eq!(
        short("pnpm-lock.yaml", pnpm9),
        [
            of("@langchain/core", Some("0.3.9"), 5),
            of("openai", Some("4.5.6"), 8)
        ]
    );
    assert_eq!(
        short("pnpm-lock.yaml", pnpm5),
        [of("@langchain/core", Some("0.3.9"), 5)]
    );
}

#[test]
fn the_package_of_a_vendor_names_the_vendor() {
    let vendors: Vec<String> = scan("requirements.txt", "langchain-anthropic\ntorch\n")
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::Reference(seen) if seen.kind == AssetKind::Vendor => Some(seen.key),
            _ => None,
        })
        .collect();
    assert_eq!(vendors, ["anthropic"]);
}

#[test]
fn requirements_of_a_setup_script_are_read_from_its_lists() {
    let text = r#"
from setuptools import find_packages, setup

# "torch==9.9"
_deps = [
    "transformers==4.1.0",
    "trl[vllm]>=0.2",
    "peft",  # small
]
extras = {}
extras["dev"] = deps_list("pytest") + ["ragas>=0.1"]

setup(
    name="acme-train",
    description="torch, and more",
    keywords=["openai", "langchain"],
    packages=["acme", "datasets"],
    install_requires=["openai", 'lm-eval @ git+https://example.org/lm-eval.git@abc'],
    extras_require={"test": ["deepeval"], "all": ["faiss-cpu<2"]},
    classifiers=["Topic :: Software Development"],
)
"#;
    let found: Vec<_> = dependencies("setup.py", text)
        .into_iter()
        .map(|it| format!("{}{} {}", it.name, it.constraint, it.development))
        .collect();
    assert_eq!(
        found,
        [
            "transformers==4.1.0 false",
            "trl>=0.2 false",
            "peft false",
            "ragas>=0.1 true",
            "openai false",
            "lm-eval false",
            "deepeval true",
            "faiss-cpu<2 false",
        ]
    );
    let manifest = manifest("setup.py", text).unwrap();
    assert_eq!(manifest.name.as_deref(), Some("acme-train"));
}
