//! The little Markdown that documentation of rules and comments of people use, as blocks for a template. Nothing in it
//! becomes markup by itself: the template escapes every text.

/// A block of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(Vec<Span>),
    /// An item of a list.
    Item(Vec<Span>),
    /// Lines of code.
    Code(String),
}

/// A part of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its words.
    pub text: String,
    /// Whether they are code.
    pub code: bool,
}

/// The blocks of a text.
#[must_use]
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut words = String::new();
    let mut item = false;
    let mut lines = text.lines();
    let close = |words: &mut String, item: bool| {
        let text = std::mem::take(words);
        if !text.trim().is_empty() {
            let spans = spans(&text);
            return Some(if item {
                Block::Item(spans)
            } else {
                Block::Text(spans)
            });
        }
        None
    };
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if trimmed.starts_with("```") {
            blocks.extend(close(&mut words, item));
            let code: Vec<&str> = lines
                .by_ref()
                .take_while(|line| !line.trim_start().starts_with("```"))
                .collect();
            blocks.push(Block::Code(code.join("\n")));
            item = false;
            continue;
        }
        if trimmed.is_empty() {
            blocks.extend(close(&mut words, item));
            item = false;
            continue;
        }
        let bullet = trimmed
            .strip_prefix("- ")
            .or_else(|| trimmed.strip_prefix("* "));
        if let Some(rest) = bullet {
            blocks.extend(close(&mut words, item));
            item = true;
            words.push_str(rest);
            continue;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(trimmed);
    }
    blocks.extend(close(&mut words, item));
    blocks
}

/// The parts of a line: what stands between backticks is code.
#[must_use]
pub fn spans(text: &str) -> Vec<Span> {
    let pieces: Vec<&str> = text.split('`').collect();
    // An odd backtick at the end opens nothing.
    let last = pieces.len() - 1;
    pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| !piece.is_empty())
        .map(|(place, piece)| Span {
            text: (*piece).to_owned(),
            code: place % 2 == 1 && place < last,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Span {
        Span {
            text: text.to_owned(),
            code: false,
        }
    }

    #[test]
    fn paragraphs_lists_and_code_are_told_apart_and_nothing_is_lost() {
        let text = "Use `a`\nhere.\n\n- one\n- two\n\n```sh\nx <b>\n```\nEnd `open";
        let code = Span {
            text: "a".to_owned(),
            code: true,
        };
        assert_eq!(
            blocks(text),
            [
                Block::Text(vec![plain("Use "), code, plain(" here.")]),
                Block::Item(vec![plain("one")]),
                Block::Item(vec![plain("two")]),
                Block::Code("x <b>".to_owned()),
                Block::Text(vec![plain("End "), plain("open")]),
            ]
        );
        assert_eq!(blocks(""), []);
    }
}
