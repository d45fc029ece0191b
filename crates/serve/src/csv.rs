//! Tables for spreadsheets: RFC 4180, and nothing that a spreadsheet would take for a formula.

/// A table in the making.
#[derive(Debug)]
pub(crate) struct Csv(String);

impl Csv {
    /// A table with these columns.
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut csv = Self(String::new());
        csv.row(columns);
        csv
    }

    /// One more row.
    pub(crate) fn row(&mut self, cells: &[impl AsRef<str>]) {
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                self.0.push(',');
            }
            self.cell(cell.as_ref());
        }
        self.0.push_str("\r\n");
    }

    fn cell(&mut self, cell: &str) {
        // Text of others that a spreadsheet would run; a leading apostrophe makes it text.
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        if !formula && !cell.contains([',', '"', '\n', '\r']) {
            self.0.push_str(cell);
            return;
        }
        self.0.push('"');
        if formula {
            self.0.push('\'');
        }
        self.0.push_str(&cell.replace('"', "\"\""));
        self.0.push('"');
    }

    /// The whole table.
    pub(crate) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Csv;

    #[test]
    fn cells_keep_their_text_and_run_nothing() {
        let mut csv = Csv::new(&["a", "b"]);
        csv.row(&["x,\"y\"\nz", "=1+1"]);
        csv.row(&["@SUM(A1)", "plain"]);
        let expected = "a,b\r\n\"x,\"\"y\"\"\nz\",\"'=1+1\"\r\n\"'@SUM(A1)\",plain\r\n";
        assert_eq!(csv.finish(), expected);
    }
}
