//! Jupyter notebooks: the code of their cells as one Python program, what else they hold as members.
//!
//! Evidence lies in the notebook file's own lines. [`cells()`] is for whoever
//! else wants to look at the text of sources and outputs.

mod cells;
mod json;
mod parts;

use std::ops::Range;
use std::sync::Arc;

use stance_core::Evidence;
use stance_core::fact::GapReason;

pub use cells::{Cell, CellKind, Cells, cells};

use crate::python::{self, Dialect, Place};
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::text::Text;
use stance_read::{Bytes, Inspector};

/// The inspector of notebooks.
pub(crate) static INSPECTOR: Notebook = Notebook;

/// Reads notebooks.
pub(crate) struct Notebook;

impl Inspector for Notebook {
    fn name(&self) -> &'static str {
        "notebook"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.extension() == "ipynb"
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let found = cells(text.as_str());
        if let Some((why, at)) = &found.stopped {
            facts.gap(
                GapReason::Malformed,
                format!("Notebook: {why}; the cells before were looked at"),
                text.evidence(input.path(), *at..*at),
            );
        }
        if found.foreign {
            return;
        }
        let program = Program::new(input.path(), &text, &found.cells);
        python::analyse(
            &program,
            Dialect::Notebook,
            input.options().interests,
            facts,
        );
        for part in parts::parts(&found.cells) {
            if facts.members_left() == 0 {
                let detail = "Notebook: more cells that hold files or scripts than are looked into";
                facts.gap(GapReason::Limit, detail, input.evidence());
                break;
            }
            stance_read::scan_member(input, &part.name, &Bytes(part.text.as_bytes()), facts);
        }
    }
}

/// The code cells in a row, as if they were run from top to bottom.
struct Program<'a> {
    path: &'a Arc<str>,
    file: &'a Text<'a>,
    source: String,
    /// Where each cell begins in the source.
    cells: Vec<(usize, &'a Cell)>,
}

impl<'a> Program<'a> {
    fn new(path: &'a Arc<str>, file: &'a Text<'a>, all: &'a [Cell]) -> Self {
        let mut source = String::new();
        let mut cells = Vec::new();
        for cell in all {
            // `%%bash` and its like make the whole cell something else than Python.
            let magic = cell.text.trim_start().strip_prefix("%%");
            let python = magic.is_none_or(|rest| {
                ["time", "timeit", "capture", "prun"]
                    .iter()
                    .any(|name| rest.starts_with(name))
            });
            if cell.kind != CellKind::Code || !python {
                continue;
            }
            cells.push((source.len(), cell));
            for line in cell.text.split_inclusive('\n') {
                // A cell magic is no line magic to the parser: it stays as a comment of equal length.
                match line.strip_prefix("%%") {
                    Some(rest) => {
                        source.push_str("# ");
                        source.push_str(rest);
                    }
                    None => source.push_str(line),
                }
            }
            source.push('\n');
        }
        Self {
            path,
            file,
            source,
            cells,
        }
    }
}

impl Place for Program<'_> {
    fn path(&self) -> &Arc<str> {
        self.path
    }

    fn source(&self) -> &str {
        &self.source
    }

    fn evidence(&self, range: Range<usize>) -> Evidence {
        let after = self
            .cells
            .partition_point(|(start, _)| *start <= range.start);
        let Some((start, cell)) = after.checked_sub(1).and_then(|index| self.cells.get(index))
        else {
            return Evidence::file(Arc::clone(self.path));
        };
        let within = range.start.saturating_sub(*start)..range.end.saturating_sub(*start);
        let place = cell.locate(self.file.as_str(), within);
        self.file.evidence(self.path, place)
    }
}
