//! The schema language of Prisma.

use std::ops::Range;

use super::tokens::tokens;
use super::{Column, Found};

/// `model Document { embedding Unsupported("vector(1536)")? }`
pub(super) fn read(text: &str) -> Found {
    let mut found = Found::default();
    let mut model: Option<(String, Range<usize>)> = None;
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        let here = start;
        start = start.saturating_add(line.len());
        let plain = line.split("//").next().unwrap_or_default();
        let mut words = plain.split_whitespace();
        let first = words.next().unwrap_or_default();
        if first == "model"
            && let Some(name) = words.next()
        {
            let offset = (name.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
            let from = here.saturating_add(offset);
            model = Some((name.to_owned(), from..from.saturating_add(name.len())));
        } else if let Some((name, span)) = &model
            && let Some((_, kind)) = plain.split_once("Unsupported(\"")
            && let Some(kind) = kind.split('"').next()
            && let [typed, ..] = tokens(kind, false).as_slice()
            && matches!(typed.word.as_str(), "vector" | "halfvec")
        {
            let digits: String = kind.chars().filter(char::is_ascii_digit).collect();
            found.columns.push(Column {
                table: name.clone(),
                table_span: span.clone(),
                name: first.to_owned(),
                dimensions: digits.parse().ok(),
                technology: Some("pgvector"),
            });
        } else if first == "extensions" && plain.contains("vector") {
            let from = here.saturating_add(line.find("vector").unwrap_or_default());
            found
                .extension
                .get_or_insert(("pgvector", from..from.saturating_add("vector".len())));
        }
    }
    found
}
