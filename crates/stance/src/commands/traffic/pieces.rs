//! A log in pieces that a service takes at once: whole lines, or some records of a list, and where each stands.

use std::io::{self, BufRead, Read as _};

/// Bytes and records from which on a piece is full.
const FULL: usize = 4 << 20;
const MANY: usize = 2_000;

/// Longest record, and largest document that is no list, in bytes.
const LONGEST: usize = 15 << 20;

/// Some records.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Piece {
    /// As it is sent.
    pub(super) body: Vec<u8>,
    /// The line at which each record of a list begins, and which one of the list it is, from 1 on; empty where the body has lines.
    records: Vec<(u64, u64)>,
    /// The line at which the body begins, from 1 on.
    line: u64,
}

impl Piece {
    /// Where something stands that was found in the body: line and record in the file.
    pub(super) fn place(&self, line: u64, record: Option<u64>) -> (u64, Option<u64>) {
        let known = record.and_then(|record| {
            let at = usize::try_from(record.saturating_sub(1)).ok()?;
            self.records.get(at).copied()
        });
        match known {
            Some((line, record)) => (line, Some(record)),
            None => ((self.line + line).saturating_sub(1), record),
        }
    }
}

/// A record that is too long.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong {
    /// Where it begins.
    pub(super) line: u64,
}

/// What a log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Not known yet.
    Unknown,
    Lines,
    /// In a list whose records come one by one; so many came.
    List(u64),
    /// All of the rest in one piece.
    Document,
}

/// Takes a log apart.
pub(super) struct Pieces<R> {
    from: R,
    shape: Shape,
    /// Whether the next line is the first one of what has lines.
    opening: bool,
    line: u64,
    /// Records that were left out; whoever asks takes them.
    pub(super) too_long: Vec<TooLong>,
}

impl<R: BufRead> Pieces<R> {
    pub(super) fn new(from: R) -> Self {
        Self {
            from,
            shape: Shape::Unknown,
            opening: false,
            line: 1,
            too_long: Vec::new(),
        }
    }

    /// The next piece; nothing at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Piece>> {
        loop {
            if self.shape == Shape::Unknown {
                match self.peek()? {
                    None => return Ok(None),
                    Some(b'[') => {
                        self.from.consume(1);
                        self.shape = Shape::List(0);
                    }
                    Some(_) => (self.shape, self.opening) = (Shape::Lines, true),
                }
            }
            let piece = match self.shape {
                Shape::Unknown => None,
                Shape::Lines => self.lines()?,
                Shape::List(count) => self.list(count)?,
                Shape::Document => None,
            };
            match piece {
                Some(piece) => return Ok(Some(piece)),
                // A list ended; there may be another one.
                None if self.shape == Shape::Unknown => {}
                None => return Ok(None),
            }
        }
    }

    /// The next byte that is not blank; it stays.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let held = self.from.fill_buf()?;
            let Some(byte) = held.first().copied() else {
                return Ok(None);
            };
            if !byte.is_ascii_whitespace() && !matches!(byte, 0xef | 0xbb | 0xbf) {
                return Ok(Some(byte));
            }
            self.line += u64::from(byte == b'\n');
            self.from.consume(1);
        }
    }

    /// Whole lines.
    fn lines(&mut self) -> io::Result<Option<Piece>> {
        let mut piece = Piece {
            line: self.line,
            ..Piece::default()
        };
        let mut count = 0;
        while piece.body.len() < FULL && count < MANY {
            let start = piece.body.len();
            let most = LONGEST as u64 + 1;
            let read = (&mut self.from)
                .take(most)
                .read_until(b'\n', &mut piece.body)?;
            if read == 0 {
                break;
            }
            if read > LONGEST && !piece.body.ends_with(b"\n") {
                self.too_long.push(TooLong { line: self.line });
                piece.body.truncate(start);
                // Its line stays, so that those after it keep their numbers.
                piece.body.push(b'\n');
                self.skip_line()?;
            }
            self.line += 1;
            count += 1;
            // A document on many lines opens with a line that is not complete; later on that is a line that broke off.
            let line = piece.body.get(start..).unwrap_or_default();
            if std::mem::take(&mut self.opening) && opens(line) {
                return self.document(piece);
            }
        }
        Ok(Some(piece).filter(|piece| !piece.body.is_empty()))
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let held = self.from.fill_buf()?;
            if held.is_empty() {
                return Ok(());
            }
            let end = held.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(held.len(), |end| end + 1);
            self.from.consume(used);
            if end.is_some() {
                return Ok(());
            }
        }
    }

    /// The rest, as far as it is taken at once.
    fn document(&mut self, mut piece: Piece) -> io::Result<Option<Piece>> {
        self.shape = Shape::Document;
        let most = (LONGEST + 1).saturating_sub(piece.body.len()) as u64;
        (&mut self.from).take(most).read_to_end(&mut piece.body)?;
        if piece.body.len() > LONGEST {
            self.too_long.push(TooLong { line: piece.line });
            return Ok(None);
        }
        Ok(Some(piece))
    }

    /// Some records of a list, as a list.
    fn list(&mut self, before: u64) -> io::Result<Option<Piece>> {
        let mut piece = Piece {
            body: vec![b'['],
            line: self.line,
            records: Vec::new(),
        };
        let mut count = before;
        self.shape = loop {
            if piece.body.len() >= FULL || piece.records.len() >= MANY {
                break Shape::List(count);
            }
            match self.peek()? {
                // It broke off.
                None => break Shape::Unknown,
                Some(b']') => {
                    self.from.consume(1);
                    break Shape::Unknown;
                }
                Some(b',') => {
                    self.from.consume(1);
                    continue;
                }
                Some(_) => {}
            }
            let (start, line) = (piece.body.len(), self.line);
            if !piece.records.is_empty() {
                piece.body.push(b',');
            }
            count += 1;
            if self.record(&mut piece.body)? {
                piece.records.push((line, count));
            } else {
                self.too_long.push(TooLong { line });
                piece.body.truncate(start);
            }
        };
        piece.body.push(b']');
        Ok(Some(piece).filter(|piece| !piece.records.is_empty()))
    }

    /// One value of a list, up to what ends it; whether it is short enough.
    fn record(&mut self, body: &mut Vec<u8>) -> io::Result<bool> {
        let start = body.len();
        let (mut depth, mut quoted, mut escaped, mut fits) = (0_u64, false, false, true);
        loop {
            let held = self.from.fill_buf()?;
            if held.is_empty() {
                return Ok(fits);
            }
            let mut used = 0;
            let mut ended = false;
            for byte in held {
                if quoted {
                    quoted = *byte != b'"' || escaped;
                    escaped = *byte == b'\\' && !escaped;
                } else {
                    match byte {
                        b'"' => quoted = true,
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' if depth > 0 => depth -= 1,
                        b']' | b',' if depth == 0 => {
                            ended = true;
                            break;
                        }
                        _ => {}
                    }
                }
                self.line += u64::from(*byte == b'\n');
                used += 1;
            }
            if body.len() - start + used > LONGEST {
                fits = false;
            }
            if fits {
                body.extend_from_slice(held.get(..used).unwrap_or_default());
            }
            self.from.consume(used);
            if ended {
                return Ok(fits);
            }
        }
    }
}

/// Whether a line begins a document that goes on: JSON that is not complete.
fn opens(line: &[u8]) -> bool {
    let text = line.trim_ascii();
    if text.first() != Some(&b'{') {
        return false;
    }
    let parsed: Result<serde::de::IgnoredAny, _> = serde_json::from_slice(text);
    parsed.is_err_and(|error| error.is_eof())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> (Vec<Piece>, Vec<TooLong>) {
        // Few bytes at once, so that records cross what is held.
        let mut pieces = Pieces::new(io::BufReader::with_capacity(7, text.as_bytes()));
        let mut all = Vec::new();
        while let Some(piece) = pieces.next().unwrap() {
            all.push(piece);
        }
        (all, pieces.too_long)
    }

    fn bodies(text: &str) -> Vec<String> {
        let (pieces, _) = pieces(text);
        let texts = pieces
            .iter()
            .map(|piece| String::from_utf8(piece.body.clone()));
        texts.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn lines_lists_and_documents_are_told_apart() {
        assert_eq!(bodies("{\"a\":1}\n{\"b\":2}\n"), ["{\"a\":1}\n{\"b\":2}\n"]);
        assert_eq!(bodies("some text\nmore"), ["some text\nmore"]);
        assert_eq!(
            bodies("\n[ {\"a\": \"],\\\"}\"},\n [1]]\n[3]"),
            ["[{\"a\": \"],\\\"}\"},[1]]", "[3]"]
        );
        assert_eq!(bodies("{\n \"data\": []\n}\n"), ["{\n \"data\": []\n}\n"]);
        let many = "{}\n".repeat(MANY);
        let torn = bodies(&format!("{many}{{\"a\": \n{many}"));
        assert_eq!(
            torn.len(),
            3,
            "a line that broke off does not take the rest with it"
        );
        assert!(bodies(" \n").is_empty() && bodies("[]").is_empty());
        assert_eq!(
            bodies("[{\"a\": 1"),
            ["[{\"a\": 1]"],
            "a list that broke off"
        );
    }

    #[test]
    fn what_is_found_in_a_piece_has_its_place_in_the_file() {
        let many: String = (0..MANY + 5)
            .map(|at| format!("{{\"n\": {at}}}\n"))
            .collect();
        let (lines, _) = pieces(&many);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1].place(2, None), (MANY as u64 + 2, None));
        let list = format!("[\n{}]", vec!["{}"; MANY + 5].join(",\n"));
        let (records, _) = pieces(&list);
        assert_eq!(records.len(), 2);
        let at = MANY as u64 + 3;
        assert_eq!(records[1].place(1, Some(3)), (at + 1, Some(at)));
    }

    #[test]
    fn what_is_too_long_is_left_out_and_told() {
        let long = format!("{{\"a\": \"{}\"}}", "x".repeat(LONGEST));
        let (lines, told) = pieces(&format!("{{}}\n{long}\n{{\"b\": 1}}\n"));
        assert_eq!(told, [TooLong { line: 2 }]);
        assert_eq!(lines[0].body, b"{}\n\n{\"b\": 1}\n");
        let (list, told) = pieces(&format!("[{long},\n{{\"b\": 1}}]"));
        assert_eq!(told, [TooLong { line: 1 }]);
        assert_eq!(list[0].body, b"[{\"b\": 1}]");
        assert_eq!(list[0].place(1, Some(1)), (2, Some(2)));
        let (whole, told) = pieces(&format!("{{\n{long}}}"));
        assert_eq!((whole.len(), told), (0, vec![TooLong { line: 1 }]));
    }
}
