//! A bill as one page for an auditor: no script, nothing fetched, light and dark, fit to print.

mod section;

use stance_core::AssetKind;

use crate::bill::{Bill, Completeness, Part};

const STYLE: &str = include_str!("style.css");

/// The page. Equal bills give equal bytes; what comes from scanned files is escaped.
#[must_use]
pub fn render(bill: &Bill) -> String {
    let name = bill
        .subject
        .as_ref()
        .map_or("bill of materials", |part| &part.name);
    let mut page = String::new();
    page.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.push_str(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
    );
    page.push_str(&format!(
        "<title>AI bill of materials: {}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        escape(name)
    ));
    page.push_str(&head(bill, name));
    let groups = groups(bill);
    page.push_str("<nav aria-label=\"Kinds of parts\">\n");
    for (title, parts) in &groups {
        page.push_str(&format!(
            "<a href=\"#{}\"><b>{}</b> {}</a>\n",
            slug(title),
            parts.len(),
            escape(title)
        ));
    }
    page.push_str("</nav>\n<main>\n");
    page.push_str(&coverage(bill));
    for (title, parts) in &groups {
        page.push_str(&section::section(title, &slug(title), parts, bill));
    }
    page.push_str("</main>\n");
    page.push_str("<footer>An empty field means that nothing is known, not that there is nothing.</footer>\n</body>\n</html>\n");
    page
}

fn head(bill: &Bill, name: &str) -> String {
    let mut facts: Vec<String> = Vec::new();
    let subject = bill.subject.as_ref();
    if let Some(version) = subject.and_then(|part| part.version.as_ref()) {
        facts.push(format!("version {}", escape(version)));
    }
    if let Some(created) = &bill.created {
        facts.push(format!("made {}", escape(created)));
    }
    for tool in &bill.tools {
        let version = tool.version.as_deref().unwrap_or_default();
        facts.push(escape(format!("by {} {version}", tool.name).trim_end()));
    }
    if let Some(serial) = &bill.serial {
        facts.push(format!("<code>{}</code>", escape(serial)));
    }
    format!(
        "<header><p class=\"kicker\">AI bill of materials</p><h1>{}</h1><p class=\"muted\">{}</p></header>\n",
        escape(name),
        facts.join(" · ")
    )
}

/// Parts by kind, in the order in which people are shown kinds, models before all others.
fn groups(bill: &Bill) -> Vec<(String, Vec<&Part>)> {
    let mut kinds: Vec<AssetKind> = AssetKind::ALL.to_vec();
    kinds.sort_by_key(|kind| usize::from(*kind != AssetKind::Model));
    let mut groups = Vec::new();
    for kind in kinds {
        let mut parts: Vec<&Part> = bill
            .parts
            .iter()
            .filter(|part| part.kind == Some(kind))
            .collect();
        parts.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
        if !parts.is_empty() {
            groups.push((kind.plural().to_owned(), parts));
        }
    }
    let others: Vec<&Part> = bill
        .parts
        .iter()
        .filter(|part| part.kind.is_none())
        .collect();
    if !others.is_empty() {
        groups.push(("other parts".to_owned(), others));
    }
    groups
}

/// What the bill does not cover, before what it covers.
fn coverage(bill: &Bill) -> String {
    let (class, sentence) = match bill.completeness {
        Some(Completeness::Complete) => ("good", "Its maker says that this bill is complete."),
        Some(Completeness::Incomplete) => ("gap", "This bill is known to be incomplete."),
        Some(Completeness::Unknown) => (
            "muted",
            "Nothing was left out of the scan. That does not prove that nothing else exists.",
        ),
        None => ("muted", "The bill does not say whether it is complete."),
    };
    let mut html = format!("<section class=\"panel {class}\"><h2>Coverage</h2><p>{sentence}</p>");
    let property = |name: &str| {
        bill.properties
            .iter()
            .find(|one| one.name == name)
            .map(|one| &*one.value)
    };
    if let (Some(files), Some(understood)) = (
        property("stance:coverage:files"),
        property("stance:coverage:understood"),
    ) {
        html.push_str(&format!(
            "<p class=\"muted\">{} files met, {} of them understood by a parser.</p>",
            escape(files),
            escape(understood)
        ));
    }
    if !bill.gaps.is_empty() {
        html.push_str("<dl>");
        for (reason, count) in &bill.gaps {
            let reason = match &**reason {
                "unresolved" => "named by something that could not be resolved".to_owned(),
                other => other.replace('_', " "),
            };
            html.push_str(&format!(
                "<dt>{}</dt><dd class=\"num\">{count}</dd>",
                escape(&reason)
            ));
        }
        html.push_str("</dl>");
    }
    html.push_str("</section>\n");
    html
}

fn slug(title: &str) -> String {
    title.to_ascii_lowercase().replace(' ', "-")
}

/// Text that is only text: marks of HTML escaped, characters that do not show spelled out.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(' '),
            other if stance_core::evidence::is_invisible(other) => {
                out.extend(other.escape_unicode());
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_place_in_the_page() {
        let bill = Bill {
            parts: vec![Part {
                class: "machine-learning-model".to_owned(),
                kind: Some(AssetKind::Model),
                name: "<script>alert(1)</script>\"'\u{202e}".to_owned(),
                purl: Some("javascript:alert(1)".to_owned()),
                ..Part::default()
            }],
            ..Bill::default()
        };
        let page = render(&bill);
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;\\u{202e}"));
        assert!(!page.contains("<script") && !page.contains("href=\"javascript"));
    }
}
