//! Elements of SVG, with every text and attribute escaped.

use std::fmt::{Display, Write as _};

use crate::format::visible;

/// Text and attributes of XML: the five characters that mean something are written as references, what cannot be seen is
/// written out.
#[must_use]
pub fn escape(text: &str) -> String {
    let text = visible(text);
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A name of somebody's as text: what cannot be seen is written out, then escaped; at most `length` characters.
#[must_use]
pub fn name(text: impl Display, length: usize) -> String {
    escape(&crate::format::shorten(text, length))
}

/// An address for `href`: only paths of this server and pages of the web; anything else leads nowhere.
#[must_use]
pub fn href(address: &str) -> String {
    let local = address.starts_with('/') && !address.starts_with("//");
    if local
        || address.starts_with("https://")
        || address.starts_with('?')
        || address.starts_with('#')
    {
        escape(address)
    } else {
        "#".to_owned()
    }
}

/// A coordinate with at most two decimals; what is no number is 0.
#[must_use]
pub fn coordinate(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text {
        "-0" | "" => "0".to_owned(),
        text => text.to_owned(),
    }
}

/// How wide text of this size will be, in pixels. Fonts differ; this errs to the wide side.
#[must_use]
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

/// The width of a character as a share of the size of the font.
fn em(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | '.' | ',' | ':' | ';' | '|' | '\'' | '!'
        | ' ' => 0.36,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.92,
        'A'..='Z' | '_' => 0.70,
        '\u{300}'..='\u{36f}' => 0.0,
        '\u{0}'..='\u{2fff}' => 0.58,
        _ => 1.05,
    }
}

/// The text, cut in the middle until it is at most this wide.
#[must_use]
pub fn fit(text: impl Display, pixels: f64, size: f64) -> String {
    let text = visible(text);
    let mut head = String::new();
    let mut used = 0.0;
    let mut whole = true;
    for character in text.chars() {
        used += em(character) * size;
        if used > pixels {
            whole = false;
            break;
        }
        head.push(character);
    }
    if whole {
        return text;
    }
    // Of what fits, a third goes to the end: versions and extensions stand there.
    let room = pixels - em('\u{2026}') * size;
    let take = |characters: &mut dyn Iterator<Item = char>, room: f64| -> Vec<char> {
        let mut used = 0.0;
        characters
            .take_while(|character| {
                used += em(*character) * size;
                used <= room
            })
            .collect()
    };
    let start = take(&mut text.chars(), room * 2.0 / 3.0);
    let mut end = take(&mut text.chars().rev(), room / 3.0);
    end.reverse();
    start.into_iter().chain(['\u{2026}']).chain(end).collect()
}

/// A growing piece of SVG.
#[derive(Debug, Default)]
pub struct Canvas(String);

impl Canvas {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Markup that is already safe.
    pub fn raw(&mut self, markup: impl Display) -> &mut Self {
        let _ = write!(self.0, "{markup}");
        self
    }

    /// A rectangle; `x` and `width` may be percentages.
    pub fn rect(
        &mut self,
        class: &str,
        (x, y): (impl Display, f64),
        (width, height): (impl Display, f64),
        round: f64,
    ) -> &mut Self {
        let (y, height) = (coordinate(y), coordinate(height));
        let _ = write!(
            self.0,
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}""#
        );
        if round > 0.0 {
            let _ = write!(self.0, r#" rx="{}""#, coordinate(round));
        }
        self.0.push_str("/>");
        self
    }

    /// A line; the coordinates across may be percentages.
    pub fn line(&mut self, class: &str, from: (&str, f64), to: (&str, f64)) -> &mut Self {
        let _ = write!(
            self.0,
            r#"<line class="{class}" x1="{}" y1="{}" x2="{}" y2="{}"/>"#,
            from.0,
            coordinate(from.1),
            to.0,
            coordinate(to.1)
        );
        self
    }

    /// Text at a point, escaped here; `anchor` is `start`, `middle` or `end`.
    pub fn text(
        &mut self,
        class: &str,
        (x, y): (impl Display, f64),
        size: f64,
        anchor: &str,
        text: &str,
    ) -> &mut Self {
        let _ = write!(
            self.0,
            r#"<text class="{class}" x="{x}" y="{}" font-size="{}""#,
            coordinate(y),
            coordinate(size)
        );
        if anchor != "start" {
            let _ = write!(self.0, r#" text-anchor="{anchor}""#);
        }
        let _ = write!(self.0, ">{}</text>", escape(text));
        self
    }

    /// The markup.
    #[must_use]
    pub fn finish(self) -> String {
        self.0
    }
}

/// A share between 0 and 1 as a percentage of the width.
#[must_use]
pub fn across(share: f64) -> String {
    format!("{}%", coordinate(share.clamp(0.0, 1.0) * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_addresses_stay_here() {
        assert_eq!(escape("<a b='\"&'>"), "&lt;a b=&#39;&quot;&amp;&#39;&gt;");
        assert_eq!(href("/assets/4?x=\"1\""), "/assets/4?x=&quot;1&quot;");
        assert_eq!(href("javascript:alert(1)"), "#");
        assert_eq!(href("//elsewhere.example/"), "#");
    }

    #[test]
    fn text_is_cut_to_the_room_there_is() {
        assert_eq!(fit("rank-prod", 100.0, 12.0), "rank-prod");
        let long = "models/".repeat(2_000) + "model.safetensors";
        let cut = fit(&long, 140.0, 12.0);
        assert!(width(&cut, 12.0) <= 140.0, "{cut}");
        assert!(cut.starts_with("models/") && cut.ends_with("ors"), "{cut}");
        assert!(width(&fit("模型".repeat(50), 140.0, 12.0), 12.0) <= 140.0);
    }

    #[test]
    fn coordinates_are_short() {
        assert_eq!(coordinate(12.0), "12");
        assert_eq!(coordinate(-0.001), "0");
        assert_eq!(coordinate(1.0 / 3.0), "0.33");
        assert_eq!(coordinate(f64::NAN), "0");
        assert_eq!(across(1.7), "100%");
    }
}
