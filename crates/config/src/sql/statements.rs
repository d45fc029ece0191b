//! Statements that make tables with columns of vectors.

use std::ops::Range;

use super::tokens::{Token, tokens};
use super::{Column, Found};

/// The name of a table from `at` on: behind `IF NOT EXISTS`, without its schema.
fn table_at<'a, 't>(all: &'a [Token<'t>], mut at: usize) -> Option<(&'a Token<'t>, usize)> {
    while let Some(token) = all.get(at)
        && ["if", "not", "exists", "only"]
            .iter()
            .any(|word| token.is(word))
    {
        at = at.saturating_add(1);
    }
    let mut name = all.get(at).filter(|it| it.sign == 0)?;
    at = at.saturating_add(1);
    while all.get(at).is_some_and(|it| it.sign == b'.') {
        name = all.get(at.saturating_add(1)).filter(|it| it.sign == 0)?;
        at = at.saturating_add(2);
    }
    Some((name, at))
}

/// What the statements of a text say; `in_code` when they stand in the texts of a program.
pub(super) fn read(text: &str, in_code: bool) -> Found {
    let all = tokens(text, in_code);
    let mut found = Found::default();
    let mut table: Option<(String, Range<usize>)> = None;
    let mut at = 0_usize;
    while let Some(token) = all.get(at) {
        let here = at;
        let ahead = |steps: usize| all.get(here.saturating_add(steps));
        let follows = |steps: usize, word: &str| ahead(steps).is_some_and(|it| it.is(word));
        at = at.saturating_add(1);
        if token.sign == b';' {
            table = None;
        } else if token.is("create") && follows(1, "extension") {
            if let Some((name, _)) = table_at(&all, at.saturating_add(1))
                && let Some(technology) = extension(&name.word)
            {
                found.extension.get_or_insert((technology, name.at.clone()));
            }
        } else if token.is("create") || token.is("alter") {
            table = None;
            let place = (1..5).find(|steps| follows(*steps, "table"));
            if let Some(steps) = place
                && let Some((name, end)) = table_at(&all, at.saturating_add(steps))
            {
                let name_of = (name.written.to_owned(), name.at.clone());
                let using = all.get(end).is_some_and(|it| it.is("using"))
                    && all
                        .get(end.saturating_add(1))
                        .is_some_and(|it| it.is("vec0"));
                if using {
                    let column = all.get(end.saturating_add(3));
                    found.columns.push(Column {
                        table: name_of.0.clone(),
                        table_span: name_of.1.clone(),
                        name: column.map_or_else(String::new, |it| it.written.to_owned()),
                        dimensions: None,
                        technology: Some("sqlite-vec"),
                    });
                }
                table = Some(name_of);
                at = end;
            }
        } else if let Some((name, span)) = &table
            && let Some((technology, dimensions)) = vector_type(&all, here)
        {
            let before = |steps: usize| all.get(at.checked_sub(steps)?);
            // `extensions.vector(384)`
            let back = match before(2) {
                Some(dot) if dot.sign == b'.' => 4,
                _ => 2,
            };
            let column = before(back).filter(|it| it.sign == 0 && !it.written.is_empty());
            // Of `USING hnsw (vector)` and casts no column is made.
            let plain = column.filter(|it| {
                !["as", "using", "on", "returns", "cast", "type"]
                    .iter()
                    .any(|word| it.is(word))
            });
            let known = found.columns.iter().any(|it| it.table == *name);
            if let (Some(column), false) = (plain, known) {
                found.columns.push(Column {
                    table: name.clone(),
                    table_span: span.clone(),
                    name: column.written.to_owned(),
                    dimensions,
                    technology,
                });
            }
        }
    }
    found
}

fn extension(name: &str) -> Option<&'static str> {
    Some(match name {
        "vector" | "pgvector" => "pgvector",
        "vectors" => "pgvecto.rs",
        "vchord" => "vectorchord",
        "vectorscale" => "pgvectorscale",
        _ => return None,
    })
}

/// The type of vectors that stands at `at`, with what keeps it where that is certain, and its dimensions.
fn vector_type(all: &[Token<'_>], at: usize) -> Option<(Option<&'static str>, Option<u32>)> {
    let token = all.get(at).filter(|it| it.sign == 0)?;
    let technology = match token.word.as_str() {
        "vector" => None,
        "halfvec" | "sparsevec" => Some("pgvector"),
        "f32_blob" | "f64_blob" => Some("libsql"),
        _ => return None,
    };
    let sign = |steps: usize| all.get(at.saturating_add(steps)).map(|it| it.sign);
    let number = |steps: usize| {
        let token = all.get(at.saturating_add(steps))?;
        token.written.parse::<u32>().ok()
    };
    match sign(1) {
        Some(b'(') => match (number(2), sign(3)) {
            (Some(dimensions), Some(b')' | b',')) => Some((technology, Some(dimensions))),
            _ => None,
        },
        // `vector<float, 1536>`
        Some(b'<') if sign(3) == Some(b',') => Some((Some("cassandra"), number(4))),
        // Without a number the word must be a type: what follows ends the column.
        Some(b',' | b')') if token.word == "vector" => {
            let before = all.get(at.checked_sub(1)?)?;
            let typed = before.sign == 0 && !before.word.is_empty();
            typed.then_some((technology, None))
        }
        None | Some(_) => None,
    }
}
