//! The address of a list: filters, order and page stand in its query, so that every view can be sent to somebody.

use std::fmt;

/// A path with a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    path: String,
    pairs: Vec<(String, String)>,
}

/// One value of a filter that can be chosen.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The value in the query.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// How many there are, where that is known.
    pub count: Option<u64>,
    /// Whether it is chosen.
    pub on: bool,
}

/// Whether one of them is chosen.
#[must_use]
pub fn any_on(choices: &[Choice]) -> bool {
    choices.iter().any(|choice| choice.on)
}

impl Address {
    /// A path without a query.
    #[must_use]
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            pairs: Vec::new(),
        }
    }

    /// Path and query as they came, `frame.path`; what cannot be decoded is kept as it is.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let pairs = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decode(key), decode(value))
            })
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Self {
            path: path.to_owned(),
            pairs,
        }
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The first value of a key, or nothing.
    #[must_use]
    pub fn get(&self, key: &str) -> &str {
        self.pairs
            .iter()
            .find(|(known, _)| known == key)
            .map_or("", |(_, value)| value.as_str())
    }

    /// Whether the key has this value, alone or among others.
    #[must_use]
    pub fn has(&self, key: &str, value: impl fmt::Display) -> bool {
        let value = value.to_string();
        self.pairs
            .iter()
            .any(|(known, of)| known == key && *of == value)
    }

    /// The pairs but those of this key: the hidden fields of a form that sets it.
    #[must_use]
    pub fn others(&self, but: &str) -> Vec<(&str, &str)> {
        self.pairs
            .iter()
            .filter(|(key, _)| key != but && key != "after" && key != "before")
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect()
    }

    /// With this value alone under the key, from the first page.
    #[must_use]
    pub fn with(&self, key: &str, value: impl fmt::Display) -> Self {
        let mut address = self.without(key);
        address.pairs.push((key.to_owned(), value.to_string()));
        address
    }

    /// Without the key, from the first page.
    #[must_use]
    pub fn without(&self, key: &str) -> Self {
        let pairs = self
            .pairs
            .iter()
            .filter(|(known, _)| known != key && known != "after" && known != "before")
            .cloned()
            .collect();
        Self {
            path: self.path.clone(),
            pairs,
        }
    }

    /// With the value added under the key, or taken from it when it is there.
    #[must_use]
    pub fn toggle(&self, key: &str, value: impl fmt::Display) -> Self {
        let value = value.to_string();
        let mut pairs: Vec<(String, String)> = self
            .pairs
            .iter()
            .filter(|(known, _)| known != "after" && known != "before")
            .cloned()
            .collect();
        let before = pairs.len();
        pairs.retain(|(known, of)| known != key || *of != value);
        if pairs.len() == before {
            pairs.push((key.to_owned(), value));
        }
        Self {
            path: self.path.clone(),
            pairs,
        }
    }

    /// The only value of a key, or none when it is that already.
    #[must_use]
    pub fn switch(&self, key: &str, value: impl fmt::Display) -> Self {
        let value = value.to_string();
        if self.has(key, &value) {
            self.without(key)
        } else {
            self.with(key, value)
        }
    }

    /// The page of a list that begins at a cursor; empty where there is none, which is no way.
    #[must_use]
    pub fn behind(&self, cursor: &Option<String>) -> String {
        let page = cursor.as_ref().map(|cursor| self.with("after", cursor));
        page.map_or_else(String::new, |page| page.to_string())
    }

    /// Ordered by a column: the other way round when it is the order already.
    #[must_use]
    pub fn sorted(&self, by: impl fmt::Display) -> Self {
        let by = by.to_string();
        if self.get("sort") == by {
            self.with("sort", format!("-{by}"))
        } else {
            self.with("sort", by)
        }
    }

    /// How the list is ordered by the column, for `aria-sort`; nothing when it is ordered by another.
    #[must_use]
    pub fn order(&self, by: impl fmt::Display) -> &'static str {
        let (by, sort) = (by.to_string(), self.get("sort"));
        if sort == by {
            "ascending"
        } else if sort.strip_prefix('-') == Some(by.as_str()) {
            "descending"
        } else {
            ""
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        for (at, (key, value)) in self.pairs.iter().enumerate() {
            let sign = if at == 0 { '?' } else { '&' };
            write!(f, "{sign}{}={}", encode(key), encode(value))?;
        }
        Ok(())
    }
}

/// Percent-encoding of everything but the unreserved characters of RFC 3986, section 2.3, and a few that queries carry in
/// the clear.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:@,".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high * 16 + low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            (other, _) => bytes.push(*other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_added_and_taken_away() {
        let all = Address::parse("/findings?severity=high&severity=critical&after=abc&q=");
        assert_eq!(
            all.to_string(),
            "/findings?severity=high&severity=critical&after=abc"
        );
        assert!(all.has("severity", "high"));
        assert_eq!(
            all.toggle("severity", "high").to_string(),
            "/findings?severity=critical",
            "and the list begins anew"
        );
        assert_eq!(
            all.switch("severity", "low")
                .switch("severity", "high")
                .to_string(),
            "/findings?severity=high"
        );
        assert_eq!(
            all.switch("severity", "low")
                .switch("severity", "low")
                .to_string(),
            "/findings"
        );
        assert_eq!(
            all.toggle("owner", "ml platform & co").to_string(),
            "/findings?severity=high&severity=critical&owner=ml%20platform%20%26%20co"
        );
        assert_eq!(all.without("severity").to_string(), "/findings");
        assert_eq!(all.others("q").len(), 2);
    }

    #[test]
    fn a_column_orders_one_way_and_then_the_other() {
        let list = Address::new("/inventory");
        assert_eq!(list.order("name"), "");
        let once = list.sorted("name");
        assert_eq!(
            (once.to_string().as_str(), once.order("name")),
            ("/inventory?sort=name", "ascending")
        );
        let twice = once.sorted("name");
        assert_eq!(
            (twice.to_string().as_str(), twice.order("name")),
            ("/inventory?sort=-name", "descending")
        );
        assert_eq!(twice.sorted("name").to_string(), "/inventory?sort=name");
    }

    #[test]
    fn what_was_written_is_read_back() {
        for value in ["a b", "ü&=?#%", "\"><script>", "100%", "+"] {
            let address = Address::new("/search").with("q", value);
            assert_eq!(Address::parse(&address.to_string()).get("q"), value);
        }
        assert_eq!(Address::parse("/x?q=%zz%4").get("q"), "%zz%4");
    }
}
