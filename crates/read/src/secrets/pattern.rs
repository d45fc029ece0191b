//! What keys look like: the rows of `tables/secrets.tsv`.

use std::sync::LazyLock;

use super::alphabet::Alphabet;

/// How much a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Public by design; worth knowing, since its rights may have grown.
    Public,
    /// One of two parts; worth little without the other.
    Half,
    /// One service or account.
    Key,
    /// An organisation, a whole cloud account, or an identity.
    Root,
}

/// One kind of credential.
#[derive(Debug)]
pub struct Pattern {
    /// `openai-project-key`.
    pub id: &'static str,
    /// `OpenAI project API key`.
    pub title: &'static str,
    /// The vendor it opens, by its key; `unknown` where only the context tells.
    pub vendor: &'static str,
    /// How much it opens.
    pub grade: Grade,
    pub(crate) start: Start,
    pub(crate) body: Vec<Part>,
    pub(crate) check: Check,
    /// Bits of entropy a character that the value must have at least.
    pub(crate) entropy: f32,
}

/// Where a value may begin.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// With these characters, which belong to it.
    Prefix(&'static str),
    /// Anywhere, when the name it is given to holds one of these words.
    Name(Vec<&'static str>),
    /// Anywhere, when it holds these characters and no others than letters and digits around.
    Within(&'static str),
    /// Anywhere around these characters.
    Near(&'static str),
    /// Code of its own finds it.
    Code,
}

/// A part of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Text(&'static str),
    Run(Alphabet, usize, usize),
}

/// What a value must fulfil besides its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    None,
    /// A digit and a letter.
    Digit,
    /// Letters of both cases.
    Cases,
    /// A digit and letters of both cases.
    Mixed,
    /// These characters inside.
    Has(&'static str),
    /// The last six characters are the CRC-32 of those before, in base 62.
    Crc,
    /// Three characters, a digit, `Q~`.
    Entra,
}

pub(crate) static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    include_str!("../../tables/secrets.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(parse)
        .collect()
});

/// The pattern with this id.
#[must_use]
pub fn pattern(id: &str) -> Option<&'static Pattern> {
    PATTERNS.iter().find(|pattern| pattern.id == id)
}

fn parse(line: &'static str) -> Option<Pattern> {
    let mut fields = line.split('\t');
    let mut next = || fields.next();
    let (id, title, vendor, start, body) = (next()?, next()?, next()?, next()?, next()?);
    let (check, entropy, grade) = (next()?, next()?, next()?);
    Some(Pattern {
        id,
        title,
        vendor,
        start: parse_start(start),
        body: parse_body(body)?,
        check: parse_check(check)?,
        entropy: entropy.parse().ok()?,
        grade: match grade {
            "public" => Grade::Public,
            "half" => Grade::Half,
            "key" => Grade::Key,
            "root" => Grade::Root,
            _ => return None,
        },
    })
}

fn parse_start(text: &'static str) -> Start {
    if let Some(words) = text.strip_prefix("name:") {
        Start::Name(words.split(',').collect())
    } else if let Some(inside) = text.strip_prefix("within:") {
        Start::Within(inside)
    } else if let Some(inside) = text.strip_prefix("near:") {
        Start::Near(inside)
    } else if text == "-" {
        Start::Code
    } else {
        Start::Prefix(text)
    }
}

fn parse_body(text: &'static str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    for word in text.split(' ') {
        let Some((alphabet, lengths)) = word.split_once(':').filter(|(name, _)| !name.is_empty())
        else {
            parts.push(Part::Text(word));
            continue;
        };
        if alphabet == "uuid" {
            for (index, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
                if index > 0 {
                    parts.push(Part::Text("-"));
                }
                parts.push(Part::Run(Alphabet::Hex, length, length));
            }
            continue;
        }
        let (least, most) = lengths.split_once('-').unwrap_or((lengths, lengths));
        parts.push(Part::Run(
            Alphabet::parse(alphabet)?,
            least.parse().ok()?,
            most.parse().ok()?,
        ));
    }
    Some(parts)
}

fn parse_check(text: &'static str) -> Option<Check> {
    Some(match text {
        "-" => Check::None,
        "digit" => Check::Digit,
        "cases" => Check::Cases,
        "mixed" => Check::Mixed,
        "crc" => Check::Crc,
        "entra" => Check::Entra,
        _ => Check::Has(text.strip_prefix("has=")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_parses() {
        let rows = include_str!("../../tables/secrets.tsv")
            .lines()
            .filter(|line| !line.starts_with('#'));
        assert_eq!(PATTERNS.len(), rows.count());
    }

    #[test]
    fn ai_providers_are_covered_widely() {
        let vendors: std::collections::BTreeSet<&str> = PATTERNS
            .iter()
            .map(|pattern| pattern.vendor)
            .filter(|vendor| crate::vendors::find(vendor).is_some())
            .collect();
        assert!(vendors.len() >= 50, "{}", vendors.len());
    }
}
