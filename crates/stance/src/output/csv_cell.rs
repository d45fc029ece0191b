//! Cells of tables for spreadsheets.

use super::printable;

/// A cell; what a spreadsheet would take for a formula gets a mark in front.
#[must_use]
pub fn csv_cell(cell: &str) -> String {
    let cell = printable(cell);
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t']);
    let mark = if is_formula { "'" } else { "" };
    if cell.contains([',', '"', ';', '\n']) || is_formula {
        format!("\"{mark}{}\"", cell.replace('"', "\"\""))
    } else {
        cell.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_breaks_its_row() {
        assert_eq!(csv_cell("=1+1"), "\"'=1+1\"");
        assert_eq!(csv_cell("a,\"b\"\n"), "\"a,\"\"b\"\"\\u{a}\"");
        assert_eq!(csv_cell("plain"), "plain");
    }
}
