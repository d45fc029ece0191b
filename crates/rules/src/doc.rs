//! The doc comment of a rule in its parts.

/// The fixed parts of a rule's documentation, in Markdown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doc {
    /// The first heading.
    pub title: String,
    /// The parts behind the title with their headings, in order.
    pub sections: Vec<(String, String)>,
}

impl Doc {
    /// The headings that every rule has, in order.
    pub const HEADINGS: [&'static str; 5] = [
        "What it finds",
        "Why it matters",
        "Example",
        "Fix",
        "References",
    ];

    /// Splits a doc comment. What does not follow the form is left out; a test sees to the form.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut doc = Self::default();
        let mut fenced = false;
        for line in text.lines() {
            // rustc keeps the space behind `///`.
            let line = line.strip_prefix(' ').unwrap_or(line);
            if line.starts_with("```") {
                fenced = !fenced;
            }
            if let Some(heading) = line.strip_prefix("## ").filter(|_| !fenced) {
                doc.sections
                    .push((heading.trim().to_owned(), String::new()));
            } else if let Some(title) = line.strip_prefix("# ").filter(|_| !fenced) {
                doc.title = title.trim().to_owned();
            } else if let Some((_, body)) = doc.sections.last_mut() {
                body.push_str(line);
                body.push('\n');
            }
        }
        for (_, body) in &mut doc.sections {
            *body = body.trim_matches('\n').to_owned();
        }
        doc
    }

    /// The part under `heading`; empty when there is none.
    #[must_use]
    pub fn section(&self, heading: &str) -> &str {
        self.sections
            .iter()
            .find(|(found, _)| found == heading)
            .map_or("", |(_, body)| body)
    }

    /// The whole page in Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut page = format!("# {}\n", self.title);
        for (heading, body) in &self.sections {
            page.push_str("\n## ");
            page.push_str(heading);
            page.push_str("\n\n");
            page.push_str(body);
            page.push('\n');
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::Doc;

    #[test]
    fn a_heading_inside_a_code_fence_is_code() {
        let doc =
            Doc::parse(" # T\n\n ## Example\n ```sh\n # comment\n ## two\n ```\n ## Fix\n Do.\n");
        assert_eq!(doc.title, "T");
        assert_eq!(doc.section("Example"), "```sh\n# comment\n## two\n```");
        assert_eq!(doc.section("Fix"), "Do.");
    }
}
