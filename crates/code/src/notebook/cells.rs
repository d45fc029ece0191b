//! The cells of a notebook, and where their text stands in the file.

use std::ops::Range;

use super::json::{Container, Event, RawString, Reader, Stop};

/// What a cell is, or what part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// Source that is run.
    Code,
    /// Text for people.
    Markdown,
    /// Text that is passed through as it is.
    Raw,
    /// What running a cell printed or returned, as text.
    Output,
}

/// The source of a cell, or one of its outputs.
#[derive(Debug)]
pub struct Cell {
    /// What it is.
    pub kind: CellKind,
    /// Its text, escapes resolved.
    pub text: String,
    /// The strings of the file that make up the text: where each begins in it.
    segments: Vec<(usize, RawString)>,
}

impl Cell {
    fn new(kind: CellKind) -> Self {
        Self {
            kind,
            text: String::new(),
            segments: Vec::new(),
        }
    }

    fn add(&mut self, file: &str, string: RawString) {
        self.segments.push((self.text.len(), string));
        string.unescape(file, &mut self.text);
    }

    /// Where a range of the cell's text stands in the file, both in bytes. A
    /// range over several strings of the file ends with the first of them.
    #[must_use]
    pub fn locate(&self, file: &str, range: Range<usize>) -> Range<usize> {
        let after = self
            .segments
            .partition_point(|(start, _)| *start <= range.start);
        let Some((start, string)) = after
            .checked_sub(1)
            .and_then(|index| self.segments.get(index))
        else {
            return 0..0;
        };
        let place = |at: usize| {
            let within = at.saturating_sub(*start);
            string.start.saturating_add(string.raw_length(file, within))
        };
        place(range.start)..place(range.end).min(string.end)
    }
}

/// What was read of a notebook.
#[derive(Debug, Default)]
pub struct Cells {
    /// Sources and outputs in order.
    pub cells: Vec<Cell>,
    /// Whether the notebook says it is in another language than Python.
    pub foreign: bool,
    /// Why reading stopped before the end, in words, and where.
    pub stopped: Option<(String, usize)>,
}

/// Deepest nesting of a notebook's JSON; real ones stay below 20, widgets' state included.
const DEPTH: usize = 128;

/// Reads the cells of a notebook of format 3 or 4. What stands before an error is kept.
#[must_use]
pub fn cells(file: &str) -> Cells {
    let mut reading = Reading {
        file,
        path: Vec::new(),
        kind: None,
        source: Cell::new(CellKind::Code),
        output: None,
        found: Cells::default(),
    };
    let mut reader = Reader::new(file, DEPTH);
    let stopped = loop {
        match reader.next() {
            Ok(Some(event)) => reading.take(event),
            Ok(None) => break None,
            Err(Stop::Malformed(at)) => break Some(("it is no valid JSON".to_owned(), at)),
            Err(Stop::TooDeep(at)) => {
                break Some((format!("its JSON is nested more than {DEPTH} deep"), at));
            }
        }
    };
    reading.end_output();
    reading.end_cell();
    reading.found.stopped = stopped;
    reading.found
}

/// A container that is open, and the key at hand in it.
struct Step {
    container: Container,
    key: Key,
}

/// The keys that matter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Cells,
    Worksheets,
    CellType,
    Source,
    Outputs,
    Text,
    Data,
    Metadata,
    Language,
    Traceback,
    /// A media type of text.
    TextMedia,
    Other,
}

impl Key {
    fn new(text: &str) -> Self {
        match text {
            "cells" => Self::Cells,
            "worksheets" => Self::Worksheets,
            "cell_type" => Self::CellType,
            // Format 3 says `input`.
            "source" | "input" => Self::Source,
            "outputs" => Self::Outputs,
            "text" | "evalue" => Self::Text,
            "data" => Self::Data,
            "metadata" | "kernelspec" | "language_info" => Self::Metadata,
            "language" | "name" => Self::Language,
            "traceback" => Self::Traceback,
            media
                if media.starts_with("text/") || media == "application/json" || media == "html" =>
            {
                Self::TextMedia
            }
            _ => Self::Other,
        }
    }
}

struct Reading<'a> {
    file: &'a str,
    path: Vec<Step>,
    kind: Option<CellKind>,
    source: Cell,
    output: Option<Cell>,
    found: Cells,
}

impl Reading<'_> {
    fn take(&mut self, event: Event) {
        match event {
            Event::Open(container) => self.path.push(Step {
                container,
                key: Key::Other,
            }),
            Event::Close => {
                self.path.pop();
                // One output object, or one cell, has ended.
                let in_array = self
                    .path
                    .last()
                    .is_some_and(|step| step.container == Container::Array);
                match self.keys().as_slice() {
                    [.., Key::Cells, Key::Outputs] if in_array => self.end_output(),
                    [.., Key::Cells] if in_array => self.end_cell(),
                    _ => {}
                }
            }
            Event::Key(key) => {
                let key = Key::new(key.raw(self.file));
                if let Some(step) = self.path.last_mut() {
                    step.key = key;
                }
            }
            Event::String(string) => self.string(string),
            Event::Scalar => {}
        }
    }

    /// The keys from the root; arrays have none.
    fn keys(&self) -> Vec<Key> {
        self.path
            .iter()
            .filter(|step| step.container == Container::Object)
            .map(|step| step.key)
            .collect()
    }

    fn string(&mut self, string: RawString) {
        let keys = self.keys();
        let keys = match keys.as_slice() {
            // Format 3 keeps its cells in worksheets.
            [Key::Worksheets, rest @ ..] => rest,
            all => all,
        };
        match keys {
            [Key::Cells, Key::CellType] => {
                self.kind = Some(match string.raw(self.file) {
                    "code" => CellKind::Code,
                    "raw" => CellKind::Raw,
                    _ => CellKind::Markdown,
                });
            }
            [Key::Cells, Key::Source] => self.source.add(self.file, string),
            [
                Key::Cells,
                Key::Outputs,
                Key::Text | Key::Traceback | Key::TextMedia,
            ]
            | [Key::Cells, Key::Outputs, Key::Data, Key::TextMedia] => {
                self.output
                    .get_or_insert_with(|| Cell::new(CellKind::Output))
                    .add(self.file, string);
            }
            [Key::Metadata, Key::Metadata, Key::Language] => {
                let language = string.raw(self.file).to_ascii_lowercase();
                self.found.foreign |= [
                    "r",
                    "ir",
                    "julia",
                    "scala",
                    "javascript",
                    "rust",
                    "go",
                    "sql",
                ]
                .contains(&language.as_str());
            }
            _ => {}
        }
    }

    fn end_output(&mut self) {
        if let Some(output) = self.output.take().filter(|output| !output.text.is_empty()) {
            self.found.cells.push(output);
        }
    }

    fn end_cell(&mut self) {
        let mut source = std::mem::replace(&mut self.source, Cell::new(CellKind::Code));
        source.kind = self.kind.take().unwrap_or(CellKind::Markdown);
        if !source.text.is_empty() {
            self.found.cells.push(source);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTEBOOK: &str = r#"{
 "cells": [
  {"cell_type": "markdown", "source": ["about `x`"]},
  {
   "cell_type": "code",
   "outputs": [
    {"output_type": "stream", "text": ["printed\n", "twice\n"]},
    {"output_type": "execute_result", "data": {"image/png": "iVBOR", "text/plain": ["'value'"]}}
   ],
   "source": [
    "import a\n",
    "b = \"c\"\n"
   ]
  }
 ],
 "metadata": {"kernelspec": {"name": "python3"}},
 "nbformat": 4
}"#;

    #[test]
    fn sources_and_outputs_come_apart_with_their_place() {
        let found = cells(NOTEBOOK);
        let all: Vec<_> = found
            .cells
            .iter()
            .map(|cell| (cell.kind, cell.text.as_str()))
            .collect();
        assert_eq!(
            all,
            [
                (CellKind::Markdown, "about `x`"),
                (CellKind::Output, "printed\ntwice\n"),
                (CellKind::Output, "'value'"),
                (CellKind::Code, "import a\nb = \"c\"\n"),
            ]
        );
        assert!(found.stopped.is_none() && !found.foreign);
        let code = &found.cells[3];
        let at = code.text.find("\"c\"").unwrap();
        let place = code.locate(NOTEBOOK, at..at + 3);
        assert_eq!(&NOTEBOOK[place], r#"\"c\""#);
    }

    #[test]
    fn the_cells_before_a_broken_tail_are_read() {
        let cut = NOTEBOOK.find("\"metadata\"").unwrap();
        let found = cells(&NOTEBOOK[..cut]);
        assert_eq!(found.cells.len(), 4);
        assert!(found.stopped.is_some());
    }

    #[test]
    fn format_3_keeps_its_cells_in_worksheets() {
        let old = r#"{"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"],
            "outputs": [{"text": ["y"]}]}]}]}"#;
        let found = cells(old);
        assert_eq!(found.cells.len(), 2);
        assert_eq!(found.cells[1].text, "x = 1");
    }

    #[test]
    fn a_notebook_of_another_language_says_so() {
        let found = cells(r#"{"metadata": {"kernelspec": {"language": "R"}}, "cells": []}"#);
        assert!(found.foreign);
    }
}
