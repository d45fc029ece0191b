//! What was seen, on one line of the terminal, with carets under what is meant.

use crate::output::printable::columns;

/// A line to show, and where the carets go under it: columns before, columns wide.
pub(super) struct Excerpt {
    pub(super) line: String,
    pub(super) carets: Option<(usize, usize)>,
}

/// Characters kept before the place that is meant when a line is too long.
const BEFORE: usize = 24;

/// Fits an excerpt into `available` columns. `mark` counts characters. Tabs
/// become four spaces; characters that do not show are spelled out.
pub(super) fn fit(excerpt: &str, mark: Option<(u32, u32)>, available: usize) -> Excerpt {
    let available = available.max(40);
    let cells: Vec<String> = excerpt.chars().map(cell).collect();
    let cell_width = |cell: &String| cell.chars().map(columns).sum::<usize>();
    let total: usize = cells.iter().map(cell_width).sum();
    let (start, length) = mark.map_or((0, 0), |(start, length)| {
        let start = (start as usize).min(cells.len());
        (start, (length as usize).min(cells.len() - start))
    });

    let mut first = 0;
    if total > available && mark.is_some() {
        let to_end: usize = cells[..start + length].iter().map(cell_width).sum();
        if to_end + 1 > available {
            first = start.saturating_sub(BEFORE);
        }
    }
    let mut line = String::new();
    let mut taken = 0;
    let mut last = cells.len();
    if first > 0 {
        line.push('…');
        taken = 1;
    }
    for (index, cell) in cells.iter().enumerate().skip(first) {
        let needed = cell_width(cell);
        let more = usize::from(index + 1 < cells.len());
        if taken + needed + more > available {
            last = index;
            break;
        }
        line.push_str(cell);
        taken += needed;
    }
    if last < cells.len() {
        line.push('…');
    }

    let carets = mark.is_some().then(|| {
        let from = start.clamp(first, last);
        let to = (start + length).clamp(from, last);
        let before: usize = cells[first..from].iter().map(cell_width).sum();
        let meant: usize = cells[from..to].iter().map(cell_width).sum();
        (usize::from(first > 0) + before, meant.max(1))
    });
    Excerpt { line, carets }
}

fn cell(character: char) -> String {
    if character == '\t' {
        return "    ".to_owned();
    }
    crate::output::printable(character.encode_utf8(&mut [0; 4])).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(excerpt: &Excerpt) -> String {
        let (before, wide) = excerpt.carets.unwrap();
        let mut at = 0;
        let mut meant = String::new();
        for character in excerpt.line.chars() {
            if (before..before + wide).contains(&at) {
                meant.push(character);
            }
            at += columns(character);
        }
        meant
    }

    #[test]
    fn carets_stand_under_what_is_meant_behind_tabs_and_wide_characters() {
        assert_eq!(meant(&fit("\t模型 = load(x)", Some((6, 4)), 80)), "load");
        assert_eq!(meant(&fit("a\u{1b}b load", Some((4, 4)), 80)), "load");
    }

    #[test]
    fn a_long_line_is_cut_around_what_is_meant() {
        let line = format!("{}NEEDLE{}", "x".repeat(150), "y".repeat(80));
        let fitted = fit(&line, Some((150, 6)), 60);
        assert_eq!(meant(&fitted), "NEEDLE");
        assert!(fitted.line.chars().count() <= 60);
    }

    #[test]
    fn a_mark_past_the_end_does_no_harm() {
        assert_eq!(fit("ab", Some((9, 9)), 80).carets, Some((2, 1)));
        assert_eq!(fit("", Some((0, 1)), 80).carets, Some((0, 1)));
    }
}
