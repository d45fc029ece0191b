//! Names of credentials that configuration hands over without holding their value: what
//! an application may use, and whose it is.

mod addresses;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use stance_core::fact::{Fact, GapReason, Reference};
use stance_core::relation::RelationKind;
use stance_core::{AssetKind, How};

use stance_read::Inspector;
use stance_read::credential::{is_secret_variable, opens_a_service};
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::secrets::{is_dot_env, is_dot_env_template};
use stance_read::vendors;

/// Reads `.env` files and their templates, workflows, compose files, projects of `azd` and scripts.
pub(crate) static INSPECTOR: Variables = Variables;

pub(crate) struct Variables;

/// Most variables of one file; people name a few dozen.
const NAMES: usize = 5000;
/// Most places of one variable in one file.
const MOST: usize = 16;

/// Where variables are named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum File {
    DotEnv,
    Workflow,
    Compose,
    Azd,
    Script,
}

impl File {
    fn of(input: &Input<'_>) -> Option<Self> {
        let name = input.file_name();
        let yaml = matches!(input.extension(), "yml" | "yaml");
        if is_dot_env(name) || is_dot_env_template(name) {
            Some(Self::DotEnv)
        } else if yaml
            && (input.path().contains(".github/")
                || input.path().contains(".gitlab-ci")
                || name == "action.yml"
                || name == "action.yaml"
                || name.starts_with("azure-pipelines")
                || name.starts_with("bitbucket-pipelines")
                || input.path().contains(".azdo/")
                || input.path().contains(".circleci/"))
        {
            Some(Self::Workflow)
        } else if matches!(name, "azure.yaml" | "azure.yml") {
            Some(Self::Azd)
        } else if matches!(input.extension(), "sh" | "bash" | "slurm" | "sbatch") {
            Some(Self::Script)
        } else if yaml && (name.contains("compose")) {
            Some(Self::Compose)
        } else {
            None
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::DotEnv => "dotenv",
            Self::Workflow => "workflow",
            Self::Compose => "compose",
            Self::Azd => "azd",
            Self::Script => "script",
        }
    }
}

impl Inspector for Variables {
    fn name(&self) -> &'static str {
        "variables"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.is_text() && File::of(input).is_some()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(file) = File::of(input) else { return };
        let Some(text) = input.text(facts) else {
            return;
        };
        addresses::add(input.path(), &text, file.name(), facts);
        let (all, too_many) = variables(text.as_str(), file);
        if let Some(place) = too_many {
            facts.gap(
                GapReason::Limit,
                format!("more than {NAMES} variables in one file"),
                text.evidence(input.path(), place),
            );
        }
        let uses_cloud_ai = ["BEDROCK", "bedrock", "SAGEMAKER", "sagemaker"]
            .iter()
            .any(|word| text.as_str().contains(word));
        for (name, places) in all {
            // The token that a workflow has by itself is for its own forge, not for the models there.
            let own = file == File::Workflow && matches!(name, "GITHUB_TOKEN" | "GH_TOKEN");
            // Keys of a cloud open all of it; that they are there says nothing about models.
            let cloud = name.starts_with("AWS_") && vendors::is_common(name);
            if cloud && !uses_cloud_ai {
                continue;
            }
            let vendor = vendors::of_variable(name).filter(|_| !own);
            let vendor = vendor.map(|vendor| vendor.key.to_owned());
            for place in places.into_iter().take(MOST) {
                facts.add(
                    input.path(),
                    Fact::Reference(Box::new(Reference {
                        kind: AssetKind::Identity,
                        key: format!("env:{name}"),
                        name: name.to_owned(),
                        aliases: Vec::new(),
                        how: How::Configuration,
                        relation: RelationKind::RunsAs,
                        vendor: vendor.clone(),
                        attributes: BTreeMap::from([("source".to_owned(), file.name().into())]),
                        evidence: text.evidence(input.path(), place),
                    })),
                );
            }
        }
    }
}

/// Variables by name, each with its places.
type Places<'t> = BTreeMap<&'t str, Vec<Range<usize>>>;

/// The variables of interest with their places, and where a limit was met. Those of a vendor are; beside one of them, so are all
/// other keys, which the same application uses.
fn variables(text: &str, file: File) -> (Places<'_>, Option<Range<usize>>) {
    let mut known = Places::new();
    let mut others = Places::new();
    let mut too_many = None;
    let mut beside = BTreeSet::new();
    // What is handed to servers of models and builders of agents is theirs, whatever it is called.
    let servers = file == File::Compose && SERVERS.iter().any(|image| text.contains(image));
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        for (name, range) in names(line) {
            let place = start.saturating_add(range.start)..start.saturating_add(range.end);
            let comment = line.trim_start().starts_with('#');
            let kept = known.contains_key(name) || others.contains_key(name);
            if known.len().saturating_add(others.len()) >= NAMES && !kept {
                too_many.get_or_insert(place);
                break;
            }
            if vendors::of_variable(name).is_some() && !vendors::is_common(name) {
                beside.insert(name);
                push(known.entry(name).or_default(), place, start);
            } else if !comment
                && (name.ends_with("_API_KEY")
                    || vendors::is_common(name)
                    || opens_a_service(name) && is_handed_over(line, &range, file))
                && is_used(line, &range, file)
                || !comment && servers && is_secret_variable(name) && is_passed_on(line, &range)
            {
                push(others.entry(name).or_default(), place, start);
            }
        }
        start = start.saturating_add(line.len());
    }
    if !beside.is_empty() || servers {
        known.extend(others);
    }
    (known, too_many)
}

/// Adds a place unless the line, which starts at `line`, has one already: `KEY: ${KEY}`.
fn push(places: &mut Vec<Range<usize>>, place: Range<usize>, line: usize) {
    if places.last().is_none_or(|last| last.start < line) {
        places.push(place);
    }
}

/// Whether a name stands where a credential is handed over: an assignment, or `secrets.NAME`.
fn is_used(line: &str, range: &Range<usize>, file: File) -> bool {
    let before = line.get(..range.start).unwrap_or_default();
    let after = line.get(range.end..).unwrap_or_default();
    match file {
        File::DotEnv => after.starts_with('='),
        File::Workflow => before.ends_with("secrets."),
        File::Compose => after.starts_with(['=', ':', '}']),
        File::Azd => before.trim() == "-",
        File::Script => before.ends_with(['$', '{']) || after.starts_with('='),
    }
}

/// Whether a file says that what uses its keys is given this secret as well: a template of variables, a project that names
/// its secrets, a container that gets one from outside. A workflow holds what it builds and publishes with besides.
fn is_handed_over(line: &str, range: &Range<usize>, file: File) -> bool {
    match file {
        File::DotEnv | File::Azd => true,
        File::Compose => line
            .get(..range.start)
            .is_some_and(|before| before.ends_with("${")),
        File::Workflow | File::Script => false,
    }
}

/// Images of servers of models, builders of agents and stores of vectors.
const SERVERS: [&str; 14] = [
    "n8nio/n8n",
    "ollama/ollama",
    "vllm/vllm",
    "langgenius/dify",
    "flowiseai/flowise",
    "langflowai/langflow",
    "open-webui/open-webui",
    "berriai/litellm",
    "langfuse/langfuse",
    "qdrant/qdrant",
    "chromadb/chroma",
    "milvusdb/milvus",
    "semitechnologies/weaviate",
    "pgvector/pgvector",
];

/// Whether a container gets a variable from outside: `- NAME`, `NAME: ${NAME}`, `NAME=${NAME}`.
fn is_passed_on(line: &str, range: &Range<usize>) -> bool {
    let before = line.get(..range.start).unwrap_or_default();
    let after = line.get(range.end..).unwrap_or_default();
    before.ends_with("${") || before.trim() == "-" && after.trim().is_empty()
}

/// Words of capitals, digits and `_` that hold a `_`, with their place in the line.
fn names(line: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let mut at = 0_usize;
    std::iter::from_fn(move || {
        let bytes = line.as_bytes();
        loop {
            let rest = bytes.get(at..)?;
            let start = at.saturating_add(rest.iter().position(|byte| part(*byte))?);
            let tail = bytes.get(start..)?;
            let length = tail.iter().take_while(|byte| part(**byte)).count();
            let end = start.saturating_add(length);
            at = end;
            let border = |byte: Option<&u8>| !byte.is_some_and(u8::is_ascii_alphanumeric);
            let word = line.get(start..end)?;
            if word.contains('_')
                && border(bytes.get(end))
                && border(start.checked_sub(1).and_then(|before| bytes.get(before)))
            {
                return Some((word, start..end));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use stance_read::{Bytes, Interests, Limits, Options};

    fn seen(path: &str, content: &str) -> Vec<(String, Option<String>, u32)> {
        let interests = Interests::default();
        let options = Options {
            limits: Limits::default(),
            hash: false,
            interests: &interests,
            parsers: crate::PARSERS,
        };
        let report = stance_read::scan(path, &Bytes(content.as_bytes()), &options);
        let reference = |fact: Fact| match fact {
            Fact::Reference(seen) if seen.kind == AssetKind::Identity => {
                Some((seen.key, seen.vendor, seen.evidence.locus.line()?))
            }
            _ => None,
        };
        let facts = report.facts.into_iter();
        facts.filter_map(|(_, fact)| reference(fact)).collect()
    }

    fn of(key: &str, vendor: Option<&str>, line: u32) -> (String, Option<String>, u32) {
        (key.to_owned(), vendor.map(str::to_owned), line)
    }

    #[test]
    fn a_template_of_variables_names_vendors_and_what_stands_beside() {
        assert_eq!(
            seen(
                ".env.example",
                "# keys\nOPENAI_API_KEY=your_key_here\nPYLON_API_KEY=\nPORT=1\n"
            ),
            [
                of("env:OPENAI_API_KEY", Some("openai"), 2),
                of("env:PYLON_API_KEY", None, 3)
            ]
        );
        assert!(seen(".env.example", "PYLON_API_KEY=\nGITHUB_TOKEN=\n").is_empty());
    }

    #[test]
    fn a_workflow_hands_over_secrets() {
        let workflow = "jobs:\n  a:\n    env:\n      KEY: ${{ secrets.ANTHROPIC_API_KEY }}\n";
        assert_eq!(
            seen(".github/workflows/a.yml", workflow),
            [of("env:ANTHROPIC_API_KEY", Some("anthropic"), 4)]
        );
        assert!(seen("src/a.yml", workflow).is_empty());
    }

    #[test]
    fn a_project_of_azd_and_a_script_hand_variables_over() {
        let azd = "name: x\npipeline:\n  variables:\n    - AZURE_LOCATION\n  secrets:\n    - BING_SEARCH_KEY\n";
        assert_eq!(
            seen("azure.yaml", azd),
            [of("env:BING_SEARCH_KEY", Some("bing"), 6)]
        );
        assert_eq!(
            seen("run.sh", "curl -H \"Authorization: $HF_TOKEN\" x\n"),
            [of("env:HF_TOKEN", Some("huggingface"), 1)]
        );
    }

    #[test]
    fn a_compose_file_passes_variables_on() {
        assert_eq!(
            seen(
                "docker-compose.yml",
                "services:\n  a:\n    environment:\n      - GROQ_API_KEY=${GROQ_API_KEY}\n"
            ),
            [of("env:GROQ_API_KEY", Some("groq"), 4)]
        );
    }
}
