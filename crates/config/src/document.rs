//! Trees of JSON, YAML and TOML whose meaning their keys tell, whatever the file is called.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use stance_core::fact::GapReason;
use stance_read::Inspector;
use stance_read::credential::Page;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::{Node, Notation, Tree};

/// The parser of such trees.
pub(crate) static INSPECTOR: Documents = Documents;

pub(crate) struct Documents;

/// One family of formats.
pub(crate) struct Format {
    /// What people call a file of it, for gaps.
    pub(crate) title: &'static str,
    /// Texts without one of which no file is of this format.
    pub(crate) marks: &'static [&'static str],
    /// Whether its files are so often templates of another language, or pieces put together later, that
    /// what cannot be read is no news.
    pub(crate) loose: bool,
    /// Says what a document holds; whether it is of this format at all.
    pub(crate) read: fn(&Node, &Page<'_>, &mut Facts<'_>) -> bool,
}

static FORMATS: &[Format] = &[
    crate::recipe::FORMAT,
    crate::infrastructure::ARM,
    crate::infrastructure::CLOUDFORMATION,
    crate::infrastructure::DEPLOYMENTS,
    crate::infrastructure::KUBERNETES,
    crate::infrastructure::PULUMI,
    crate::infrastructure::TERRAFORM_JSON,
    crate::infrastructure::VALUES,
    crate::helm::CHART,
    crate::gateway::LITELLM,
    crate::evaluation::PROMPTFOO,
    crate::evaluation::METRICS,
    crate::evaluation::TASKS,
    crate::evaluation::RAILS,
    crate::crew::AGENTS,
    crate::crew::TASKS,
    crate::flows::FLOWS,
    crate::cards::CARDS,
    crate::functions::FORMAT,
    crate::agent_files::FORMAT,
    crate::handed_secrets::EXTENSION,
    crate::haystack::FORMAT,
    crate::catalog::FORMAT,
    crate::catalog::IMAGES,
    crate::gateway::SETTINGS,
];

/// Largest file that is looked into: configuration that people write is far smaller, and what is
/// larger is data.
const LARGEST: u64 = 2 << 20;

/// All marks, each with the format it belongs to.
static MARKS: LazyLock<Option<(AhoCorasick, Vec<usize>)>> = LazyLock::new(|| {
    let mut marks = Vec::new();
    let mut formats = Vec::new();
    for (number, format) in FORMATS.iter().enumerate() {
        for mark in format.marks {
            marks.push(*mark);
            formats.push(number);
        }
    }
    let machine = AhoCorasick::new(marks).ok()?;
    Some((machine, formats))
});

/// The formats of which a text has a mark.
fn formats_of(text: &str) -> Vec<&'static Format> {
    let Some((machine, owners)) = &*MARKS else {
        return Vec::new();
    };
    let mut seen = vec![false; FORMATS.len()];
    let mut left = FORMATS.len();
    for found in machine.find_overlapping_iter(text) {
        let owner = owners.get(found.pattern().as_usize());
        if let Some(slot) = owner.and_then(|owner| seen.get_mut(*owner))
            && !*slot
        {
            *slot = true;
            left = left.saturating_sub(1);
            if left == 0 {
                break;
            }
        }
    }
    let with_seen = FORMATS.iter().zip(seen);
    with_seen
        .filter(|(_, seen)| *seen)
        .map(|(format, _)| format)
        .collect()
}

impl Inspector for Documents {
    fn name(&self) -> &'static str {
        "configuration"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        Notation::of_extension(input.extension()).is_some() && input.is_text()
    }

    fn understands(&self) -> bool {
        false
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        if input.len() > LARGEST {
            let head = String::from_utf8_lossy(input.head());
            let format = formats_of(&head).into_iter().next();
            // The schema of a resource holds none.
            if let Some(format) =
                format.filter(|_| !head.contains("kind: CustomResourceDefinition"))
            {
                let detail = format!("{}: larger than {LARGEST} bytes", format.title);
                facts.gap(GapReason::TooLarge, detail, input.evidence());
            }
            return;
        }
        let Some(text) = input.text(facts) else {
            return;
        };
        let formats = formats_of(text.as_str());
        if formats.is_empty() {
            return;
        }
        let Some(notation) = Notation::of_extension(input.extension()) else {
            return;
        };
        let tree = Tree::parse(notation, text.as_str(), &input.options().limits);
        let page = Page::of_tree(input.path(), &text, &tree);
        let mut title: Option<&Format> = None;
        for document in &tree.documents {
            for format in &formats {
                // The last one says of any file what the others know better.
                let last = format.title == crate::gateway::SETTINGS.title;
                if last && title.is_some() {
                    continue;
                }
                if (format.read)(document, &page, facts) {
                    title.get_or_insert(format);
                }
            }
        }
        // A file that only mentions a key may be anything; its mistakes are not ours to report. A
        // limit is, since what is behind it was not seen.
        let limit = tree
            .errors
            .iter()
            .any(|error| error.reason == GapReason::Limit);
        if title.is_some_and(|format| !format.loose) || limit {
            let title = title.map_or("configuration", |format| format.title);
            tree.report(title, input.path(), &text, facts);
        }
    }
}
