//! Who can set an agent of a workflow off, and what of the event stands in what it is told.

use stance_read::tree::Node;

/// Triggers that anybody with an account can cause, with the types of them that need no rights in the
/// repository. See <https://docs.github.com/actions/reference/events-that-trigger-workflows>.
const OPEN: &[(&str, &[&str])] = &[
    ("discussion", &["created", "edited"]),
    ("discussion_comment", &["created", "edited"]),
    ("issue_comment", &["created", "edited"]),
    ("issues", &["opened", "edited", "reopened"]),
    ("pull_request_review", &["submitted", "edited"]),
    ("pull_request_review_comment", &["created", "edited"]),
    (
        "pull_request_target",
        &[
            "opened",
            "edited",
            "reopened",
            "synchronize",
            "ready_for_review",
        ],
    ),
];

/// The triggers of a workflow that anybody can cause.
pub(super) fn open_triggers(document: &Node) -> Vec<String> {
    // Some readers of YAML take the bare `on` for a boolean.
    let Some(on) = document.get_any(&["on", "true"]) else {
        return Vec::new();
    };
    let found = OPEN.iter().filter(|(name, types)| {
        let bare =
            on.as_str() == Some(name) || on.items().iter().any(|item| item.as_str() == Some(name));
        let Some(node) = on.get(name) else {
            return bare;
        };
        let Some(wanted) = node.get("types") else {
            return true;
        };
        let open = |node: &Node| node.as_str().is_some_and(|text| types.contains(&text));
        open(wanted) || wanted.items().iter().any(open)
    });
    found.map(|(name, _)| (*name).to_owned()).collect()
}

/// Whether some step of a job asks for the rights of whoever set it off before going on.
pub(super) fn checks_rights(job: &Node) -> bool {
    let mut found = false;
    job.strings(&mut |_, _, text| {
        found |= [
            "check-user-permission",
            "getCollaboratorPermissionLevel",
            "/permission",
            "author_association",
            "check-author",
            "verify-permissions",
        ]
        .iter()
        .any(|word| text.contains(word));
    });
    found
}

/// Most expressions that are told of one agent.
const MOST: usize = 16;

/// The fields of the event that a text holds as `${{ … }}`, without spaces, each once.
pub(super) fn expressions(text: &str, found: &mut Vec<String>) {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_once("${{") {
        let Some((inside, behind)) = behind.split_once("}}") else {
            return;
        };
        let inside = inside.trim();
        let event = inside.contains("github.event.") || inside.contains("github.head_ref");
        if event && found.len() < MOST && !found.iter().any(|known| known == inside) {
            found.push(inside.to_owned());
        }
        rest = behind;
    }
}

/// Inputs of actions that an agent reads as its task or its instructions.
const PROMPTS: &[&str] = &[
    "append_system_prompt",
    "args",
    "claude_args",
    "codex-args",
    "custom_instructions",
    "direct_prompt",
    "instruction",
    "instructions",
    "message",
    "override_prompt",
    "prompt",
    "system_prompt",
    "task",
];

/// The fields of the event in the inputs of an action, and behind the variables of the step that they name.
pub(super) fn of_inputs(with: &Node, step: &Node) -> Vec<String> {
    let texts = PROMPTS
        .iter()
        .filter_map(|key| with.get(key).and_then(Node::as_str));
    let texts: Vec<String> = texts.map(str::to_owned).collect();
    of_words(&texts, step)
}

/// The fields of the event in the words of a command, and behind the variables of the step that they name.
pub(super) fn of_words(words: &[String], step: &Node) -> Vec<String> {
    let mut found = Vec::new();
    for word in words {
        expressions(word, &mut found);
    }
    for entry in step.get("env").map(Node::entries).unwrap_or_default() {
        let name: &str = &entry.key;
        let named = words.iter().any(|word| {
            word.contains(&format!("${{{name}}}"))
                || word.split('$').skip(1).any(|rest| {
                    rest.strip_prefix(name).is_some_and(|behind| {
                        !behind.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                    })
                })
        });
        if named && let Some(text) = entry.value.as_str() {
            expressions(text, &mut found);
        }
    }
    found
}
