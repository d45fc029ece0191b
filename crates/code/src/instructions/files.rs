//! Which files are instructions: facts from the documentation of the agents that read them.

use stance_core::Scope;
use stance_core::fact::InstructionsKind;
use stance_core::fact::InstructionsKind::{AgentDefinition, AgentInstructions, Prompt, Skill};

use stance_read::input::Input;

/// Where a file counts.
enum At {
    /// A file of this name, or at the end of this path.
    Path(&'static str),
    /// Any file below this directory with one of these extensions.
    Below(&'static str, &'static [&'static str]),
    /// Any file whose name ends so.
    Ending(&'static str),
}

use At::{Below, Ending, Path};

#[rustfmt::skip]
static FILES: &[(At, InstructionsKind)] = &[
    (Path("AGENT.md"), AgentInstructions),
    (Path("AGENTS.md"), AgentInstructions),
    (Path("AGENTS.override.md"), AgentInstructions),
    (Path("CLAUDE.md"), AgentInstructions),
    (Path("CLAUDE.MD"), AgentInstructions),
    (Path("CLAUDE.local.md"), AgentInstructions),
    (Path("GEMINI.md"), AgentInstructions),
    (Path("POWER.md"), AgentInstructions),
    (Path("QWEN.md"), AgentInstructions),
    (Path("WARP.md"), AgentInstructions),
    (Path(".cursorrules"), AgentInstructions),
    (Path(".windsurfrules"), AgentInstructions),
    (Path(".clinerules"), AgentInstructions),
    (Path(".roorules"), AgentInstructions),
    (Path(".goosehints"), AgentInstructions),
    (Path(".junie/guidelines.md"), AgentInstructions),
    (Path(".github/copilot-instructions.md"), AgentInstructions),
    (Ending(".instructions.md"), AgentInstructions),
    (Below(".cursor/rules", &["mdc", "md"]), AgentInstructions),
    (Ending(".mdc"), AgentInstructions),
    (Below(".windsurf/rules", &["md"]), AgentInstructions),
    (Below(".clinerules", &["md", "txt"]), AgentInstructions),
    (Below(".roo/rules", &["md", "txt"]), AgentInstructions),
    (Below(".roo/rules-code", &["md", "txt"]), AgentInstructions),
    (Below(".amazonq/rules", &["md"]), AgentInstructions),
    (Below(".augment/rules", &["md"]), AgentInstructions),
    (Below(".continue/rules", &["md"]), AgentInstructions),
    (Below(".claude/rules", &["md"]), AgentInstructions),
    (Below(".kiro/steering", &["md"]), AgentInstructions),
    (Below(".trae/rules", &["md"]), AgentInstructions),
    (Path("SKILL.md"), Skill),
    (Below(".claude/agents", &["md"]), AgentDefinition),
    (Below(".claude/commands", &["md"]), AgentDefinition),
    (Below(".claude/output-styles", &["md"]), AgentDefinition),
    (Below(".codex/prompts", &["md"]), AgentDefinition),
    (Below(".cursor/agents", &["md"]), AgentDefinition),
    (Below(".cursor/commands", &["md"]), AgentDefinition),
    (Below(".gemini/agents", &["md"]), AgentDefinition),
    (Below(".gemini/commands", &["toml"]), AgentDefinition),
    (Below(".github/agents", &["md"]), AgentDefinition),
    (Below(".opencode/agent", &["md"]), AgentDefinition),
    (Below(".opencode/agents", &["md"]), AgentDefinition),
    (Below(".opencode/command", &["md"]), AgentDefinition),
    (Below(".opencode/commands", &["md"]), AgentDefinition),
    (Below(".windsurf/workflows", &["md"]), AgentDefinition),
    (Ending(".agent.md"), AgentDefinition),
    (Ending(".chatmode.md"), AgentDefinition),
    (Path(".roomodes"), AgentDefinition),
    (Path("skprompt.txt"), Prompt),
    (Ending(".prompt"), Prompt),
    (Ending(".prompt.md"), Prompt),
    (Ending(".prompt.txt"), Prompt),
    (Ending(".prompt.yaml"), Prompt),
    (Ending(".prompt.yml"), Prompt),
    (Ending(".prompty"), Prompt),
];

/// What kind of instructions a file is, by its path; for texts that are only called after prompts,
/// also by how they begin.
pub(super) fn kind_of(input: &Input<'_>) -> Option<InstructionsKind> {
    // Python is what there is most of, and no agent is instructed there.
    if input.path().ends_with(".py") {
        return None;
    }
    FILES
        .iter()
        .find(|(at, _)| fits(at, input))
        .map(|(_, kind)| *kind)
        .or_else(|| is_command(input).then_some(AgentDefinition))
        .or_else(|| is_prompt(input).then_some(Prompt))
}

/// Whether a TOML file is a command of an agent, wherever it stands until it is installed: a prompt before any
/// table. See <https://github.com/google-gemini/gemini-cli/blob/main/docs/cli/custom-commands.md>.
fn is_command(input: &Input<'_>) -> bool {
    if input.extension() != "toml" {
        return false;
    }
    let head = String::from_utf8_lossy(input.head().get(..8192).unwrap_or(input.head()));
    let mut before_tables = head
        .lines()
        .take_while(|line| !line.trim_start().starts_with('['));
    before_tables.any(|line| {
        let text = line.strip_prefix("prompt").map(str::trim_start);
        let text = text.and_then(|rest| rest.strip_prefix('=')).map(str::trim);
        // A text of several lines, or one long enough to tell an agent something.
        text.is_some_and(|text| {
            text.starts_with("\"\"\"")
                || text.starts_with("'''")
                || text.len() >= 40 && text.contains(' ')
        })
    })
}

fn fits(at: &At, input: &Input<'_>) -> bool {
    match at {
        Path(path) => input.ends_with(path),
        Ending(end) => {
            let name = input.file_name().as_bytes();
            let start = name.len().checked_sub(end.len());
            start.is_some_and(|start| {
                let found = name.get(start..).unwrap_or_default();
                start > 0 && found.eq_ignore_ascii_case(end.as_bytes())
            })
        }
        Below(directory, extensions) => {
            if !extensions.contains(&input.extension()) {
                return false;
            }
            let path = input.path();
            path.match_indices(directory).any(|(at, found)| {
                let before = path.get(..at).unwrap_or_default();
                let after = path
                    .get(at.saturating_add(found.len())..)
                    .unwrap_or_default();
                (before.is_empty() || before.ends_with(['/', '!'])) && after.starts_with('/')
            })
        }
    }
}

/// Whether a file in a directory of prompts, or one called after a prompt, is one.
fn is_prompt(input: &Input<'_>) -> bool {
    let extension = input.extension();
    let template = matches!(
        extension,
        "jinja" | "jinja2" | "j2" | "hbs" | "mustache" | "liquid" | "tmpl"
    );
    let prose = matches!(extension, "md" | "txt");
    let data = matches!(extension, "yaml" | "yml" | "json");
    if !(template || prose || data) {
        return false;
    }
    let name = input.file_name().to_ascii_lowercase();
    let stem = name.split('.').next().unwrap_or_default();
    let mut above = input.path().rsplit('/').skip(1);
    let in_prompts = above.next().is_some_and(|directory| {
        matches!(
            directory.to_ascii_lowercase().as_str(),
            "prompts"
                | "prompt"
                | "system_prompts"
                | "system-prompts"
                | "prompt_templates"
                | "prompt-templates"
        )
    });
    let words: Vec<&str> = stem.split(|c: char| !c.is_alphanumeric()).collect();
    // `voiceMetaprompt.txt` and `systemPrompt.md` as well.
    let called_so = words.last().is_some_and(|word| {
        word.ends_with("prompt") || word.ends_with("prompts") || *word == "persona"
    }) || stem == "instructions"
        || stem == "system";
    if matches!(stem, "readme" | "changelog" | "license" | "index") || !(in_prompts || called_so) {
        return false;
    }
    let head = String::from_utf8_lossy(input.head().get(..8192).unwrap_or(input.head()));
    let lower = head.to_lowercase();
    if data {
        return in_prompts && PROMPT_KEYS.iter().any(|key| has_key(&lower, key));
    }
    // A directory of prompts among the code holds prompts; one in the documentation may be about them.
    let own = in_prompts && Scope::of_path(input.path()) != Scope::Documentation;
    own || addresses_a_model(&lower)
}

const PROMPT_KEYS: [&str; 8] = [
    "prompt",
    "template",
    "system",
    "messages",
    "system_prompt",
    "user_prompt",
    "input_variables",
    "instructions",
];

/// Whether a line of YAML or JSON starts with this key.
fn has_key(lower: &str, key: &str) -> bool {
    lower.lines().any(|line| {
        line.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '{' | '-'))
            .strip_prefix(key)
            .is_some_and(|rest| rest.trim_start_matches('"').trim_start().starts_with(':'))
    })
}

/// Whether a text speaks to a model, in lower case.
fn addresses_a_model(lower: &str) -> bool {
    const OPENINGS: [&str; 8] = [
        "you are a ",
        "you are an ",
        "you are the ",
        "you're a ",
        "you're an ",
        "act as a ",
        "your task is ",
        "your role is ",
    ];
    const AUDIENCE: [&str; 6] = [
        "an llm",
        "language model",
        "autonomous agent",
        "ai assistant",
        "as an ai",
        "ai agent",
    ];
    let begins = lower.lines().any(|line| {
        let line = line.trim_start_matches(|c: char| !c.is_alphanumeric());
        OPENINGS.iter().any(|opening| line.starts_with(opening))
    });
    // For whom it is written is said at the top.
    let end = lower.floor_char_boundary(600);
    let top = lower.get(..end).unwrap_or_default();
    begins || AUDIENCE.iter().any(|audience| top.contains(audience))
}
