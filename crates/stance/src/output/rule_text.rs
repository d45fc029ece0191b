//! What a rule's own documentation adds to its findings.

use stance_core::Finding;

/// Address of the rule pages.
const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

/// Longest help in characters; the rest is on the rule page.
const MAX_HELP: usize = 320;

/// What to do about a finding: its own fix, or the first sentences of its rule's.
pub(super) fn fix(finding: &Finding) -> Option<String> {
    if let Some(fix) = &finding.fix {
        return Some(fix.clone());
    }
    let doc = stance_rules::find(&finding.rule)?.meta.doc();
    Some(first_sentences(doc.section("Fix"))).filter(|help| !help.is_empty())
}

/// The controls that the rule is evidence for.
pub(super) fn controls(rule: &str) -> &'static [&'static str] {
    stance_rules::find(rule).map_or(&[], |entry| entry.meta.controls)
}

/// The title of the rule, or its name in words when the rule is not known.
pub(super) fn title(rule: &str) -> String {
    stance_rules::find(rule).map_or_else(
        || {
            let name = rule.rsplit('/').next().unwrap_or(rule);
            name.replace('-', " ")
        },
        |entry| entry.meta.doc().title,
    )
}

/// Where the page of the rule lies in the repository.
pub(super) fn page(rule: &str) -> String {
    format!("docs/rules/{rule}.md")
}

/// The address of the rule's page.
pub(super) fn page_url(rule: &str) -> String {
    format!("{PAGES}{}", page(rule))
}

/// The first paragraph of a Markdown text as one line of at most [`MAX_HELP`]
/// characters, cut at the end of a sentence. A paragraph that leads to a code
/// block of one line takes it along.
fn first_sentences(markdown: &str) -> String {
    let mut lines = markdown.lines().skip_while(|line| line.trim().is_empty());
    let mut paragraph = String::new();
    let mut code = Vec::new();
    for line in lines.by_ref() {
        let line = line.trim();
        if line.starts_with("```") {
            code.extend(lines.by_ref().take_while(|line| !line.starts_with("```")));
            break;
        }
        if line.is_empty() {
            if paragraph.ends_with(':') {
                continue;
            }
            break;
        }
        if !paragraph.is_empty() {
            if line.starts_with("- ") || line.starts_with("* ") || line.starts_with("1. ") {
                break;
            }
            paragraph.push(' ');
        }
        paragraph.push_str(line);
    }
    if paragraph.chars().count() > MAX_HELP {
        return cut(&paragraph);
    }
    if let Some(lead) = paragraph.strip_suffix(':') {
        return match code.as_slice() {
            [only] => format!("{lead}: `{}`", only.trim()),
            _ => lead.to_owned(),
        };
    }
    paragraph
}

/// `text` up to the last sentence that ends within [`MAX_HELP`] characters.
fn cut(text: &str) -> String {
    let limit = text
        .char_indices()
        .nth(MAX_HELP)
        .map_or(text.len(), |(index, _)| index);
    let head = &text[..limit];
    match head.rfind(". ") {
        Some(end) => head[..=end].to_owned(),
        None => format!("{}…", head.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::first_sentences;

    #[test]
    fn a_lead_takes_its_one_line_of_code_along() {
        assert_eq!(
            first_sentences("Load tensors only:\n\n```python\ntorch.load(p)\n```\nMore."),
            "Load tensors only: `torch.load(p)`"
        );
    }

    #[test]
    fn only_the_first_paragraph_speaks() {
        assert_eq!(
            first_sentences("\nDo this\nnow.\n\nOr that."),
            "Do this now."
        );
        assert_eq!(first_sentences("One of:\n- a\n- b"), "One of");
    }

    #[test]
    fn a_long_paragraph_ends_with_a_sentence() {
        let long = format!("Short one. {}", "x".repeat(500));
        assert_eq!(first_sentences(&long), "Short one.");
    }
}
