//! What the rows of a list have to fulfil, written for each way of finding them.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::sqlite::{Halt, budget};

/// As many rows as a filter may give to be called rare: they are fetched and sorted in no time.
const RARE: i64 = 2_000;

/// Steps that finding out may take.
const PROBE: i64 = 30_000;

/// Longest search text in characters; the rest is left out.
const TEXT: usize = 200;

/// How rows are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By whichever index the database takes.
    ByIndex,
    /// By the index of one condition, by its place.
    By(usize),
    /// In the order of the list; conditions are looked at row by row.
    InOrder,
}

/// What the rows of a list have to fulfil.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    clauses: Vec<Clause>,
    text: Text,
}

/// What is known of a text that is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Text {
    /// There is none, or it is rare.
    #[default]
    None,
    /// Too short for the index of texts.
    Short,
    /// In many rows.
    Common,
}

#[derive(Clone, Debug)]
struct Clause {
    /// As an index serves it; `?` stands for the values, in order.
    served: String,
    /// As no index does; empty where it can be left out then, since another says the same.
    looked_at: String,
    values: Vec<Value>,
    /// Whether it is of one column, or of a subquery, that an index may be there for.
    is_filter: bool,
}

impl Conditions {
    /// A condition that stands as it is, whichever way: partial indexes serve only what has their words in it.
    pub(super) fn literal(
        &mut self,
        clause: impl Into<String>,
        values: impl IntoIterator<Item = Value>,
    ) {
        let clause = clause.into();
        self.clauses.push(Clause {
            served: clause.clone(),
            looked_at: clause,
            values: values.into_iter().collect(),
            is_filter: false,
        });
    }

    /// A condition of one column: `compare("severity", "= ?", …)`.
    pub(super) fn compare(
        &mut self,
        column: &str,
        rest: &str,
        values: impl IntoIterator<Item = Value>,
    ) {
        self.clauses.push(Clause {
            served: format!("{column} {rest}"),
            // The sign keeps the column from its index.
            looked_at: format!("+{column} {rest}"),
            values: values.into_iter().collect(),
            is_filter: true,
        });
    }

    /// A condition that a subquery serves, and the same as a question about one row.
    pub(super) fn either(&mut self, served: &str, looked_at: &str, values: Vec<Value>) {
        self.clauses.push(Clause {
            served: served.to_owned(),
            looked_at: looked_at.to_owned(),
            values,
            is_filter: true,
        });
    }

    /// The column is one of some words; no condition when there are none.
    pub(super) fn one_of(&mut self, column: &str, words: impl IntoIterator<Item = Value>) {
        let words: Vec<Value> = words.into_iter().collect();
        if !words.is_empty() {
            let marks = vec!["?"; words.len()].join(", ");
            self.compare(column, &format!("IN ({marks})"), words);
        }
    }

    /// The column has this word; with an empty one, it has none.
    pub(super) fn word_or_none(&mut self, column: &str, word: Option<&String>) {
        match word.map(String::as_str) {
            None => {}
            Some("") => self.compare(column, "IS NULL", []),
            Some(word) => self.compare(column, "= ?", [word.to_owned().into()]),
        }
    }

    /// One of the columns holds the text, in any case.
    pub(super) fn text(
        &mut self,
        db: &Connection,
        index: &str,
        row: &str,
        columns: &[&str],
        text: &str,
    ) -> Result<(), Halt> {
        let text: String = text.trim().chars().take(TEXT).collect();
        if text.is_empty() {
            return Ok(());
        }
        self.text = Text::Short;
        if let Some(found) = trigrams(&text) {
            let count: i64 = db
                .prepare_cached(&format!(
                    "SELECT count(*) FROM (SELECT 1 FROM {index} WHERE {index} MATCH ?1 LIMIT ?2)"
                ))?
                .query_row((&found, RARE + 1), |row| row.get(0))?;
            self.text = if count > RARE {
                Text::Common
            } else {
                Text::None
            };
            let served = format!("{row} IN (SELECT rowid FROM {index} WHERE {index} MATCH ?)");
            self.either(&served, "", vec![found.into()]);
        }
        let holds: Vec<String> = columns
            .iter()
            .map(|column| format!("instr(lower({column}), ?) > 0"))
            .collect();
        let lower = text.to_lowercase();
        self.literal(
            format!("({})", holds.join(" OR ")),
            columns.iter().map(|_| Value::from(lower.clone())),
        );
        Ok(())
    }

    /// Whether nothing is filtered.
    pub(super) fn is_plain(&self) -> bool {
        self.text == Text::None && !self.clauses.iter().any(|clause| clause.is_filter)
    }

    pub(super) fn is_common_text(&self) -> bool {
        self.text == Text::Common
    }

    pub(super) fn is_short_text(&self) -> bool {
        self.text == Text::Short
    }

    /// The way that goes through all rows, in any order.
    pub(super) fn way(&self, db: &Connection, table: &str) -> Result<Way, Halt> {
        Ok(match self.rare(db, table)? {
            Some(rare) => Way::By(rare),
            // Its index would give too many.
            None if self.is_common_text() => Way::InOrder,
            None => Way::ByIndex,
        })
    }

    /// A condition that few rows fulfil.
    pub(super) fn rare(&self, db: &Connection, table: &str) -> Result<Option<usize>, Halt> {
        for (place, clause) in self.clauses.iter().enumerate() {
            let is_common = self.is_common_text() && clause.looked_at.is_empty();
            if !clause.is_filter || is_common {
                continue;
            }
            let alone = Self {
                clauses: self
                    .clauses
                    .iter()
                    .filter(|other| !other.is_filter && other.values.is_empty())
                    .chain([clause])
                    .cloned()
                    .collect(),
                text: Text::None,
            };
            let (filter, values) = alone.sql(Way::ByIndex);
            let sql = format!(
                "SELECT count(*) FROM (SELECT 1 FROM {table} {filter} LIMIT {})",
                RARE + 1
            );
            let count = budget::within(PROBE, || {
                let mut statement = db.prepare_cached(&sql)?;
                let count: i64 = statement.query_row(params_from_iter(values), |row| row.get(0))?;
                Ok(count)
            })?;
            if count.is_some_and(|count| count <= RARE) {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// `WHERE …`, and its values.
    pub(super) fn sql(&self, way: Way) -> (String, Vec<&Value>) {
        let mut clauses = Vec::new();
        let mut values = Vec::new();
        for (place, clause) in self.clauses.iter().enumerate() {
            let text = match way {
                Way::ByIndex => &clause.served,
                Way::By(one) if one == place => &clause.served,
                Way::By(_) | Way::InOrder => &clause.looked_at,
            };
            if !text.is_empty() {
                clauses.push(text.as_str());
                values.extend(&clause.values);
            }
        }
        if clauses.is_empty() {
            return (String::new(), values);
        }
        (format!("WHERE {}", clauses.join(" AND ")), values)
    }
}

/// Most trigrams of a text that are looked up: each makes the answer smaller, and the question longer.
const GRAMS: usize = 6;

/// Trigrams of a text as a query of the full-text index: rows that hold the text hold all of them, and what holds them
/// is looked at. `None` for texts too short to have one. Those of rare characters come first, by which the index goes.
fn trigrams(text: &str) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    // A NUL would end the query in the middle of a word; no row holds one.
    let grams = characters.windows(3).filter(|gram| !gram.contains(&'\0'));
    let mut grams: Vec<&[char]> = grams.collect();
    grams.sort_by_key(|gram| std::cmp::Reverse(gram.iter().map(|c| rarity(*c)).sum::<u32>()));
    grams.dedup();
    grams.truncate(GRAMS);
    let words: Vec<String> = grams
        .into_iter()
        .map(|gram| {
            let gram: String = gram.iter().collect();
            format!("\"{}\"", gram.replace('"', "\"\""))
        })
        .collect();
    (!words.is_empty()).then(|| words.join(" AND "))
}

/// How much a character narrows a search down: digits differ more than letters, common letters and what stands between
/// words least.
fn rarity(character: char) -> u32 {
    match character.to_ascii_lowercase() {
        'e' | 't' | 'a' | 'o' | 'i' | 'n' | 's' | 'r' | 'l' | ' ' | '.' | '/' | '_' | '-' => 0,
        'b' | 'c' | 'd' | 'f' | 'g' | 'h' | 'm' | 'p' | 'u' => 1,
        'v' | 'w' | 'y' | 'k' => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_goes_by_what_is_rare_in_the_text() {
        let grams = trigrams("of step 4177").unwrap();
        assert!(grams.starts_with("\"417\" AND \"177\""), "{grams}");
        assert_eq!(grams.matches(" AND ").count(), GRAMS - 1);
        assert_eq!(trigrams("ab"), None);
        assert_eq!(trigrams("a\"b").as_deref(), Some("\"a\"\"b\""));
    }
}
