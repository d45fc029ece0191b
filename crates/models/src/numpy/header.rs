//! The header of an array: `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.

use stance_core::fact::Tensor;

use stance_read::little_endian::{u16_at, u32_at};

/// What a header says.
#[derive(Debug)]
pub struct Header {
    /// Where the elements start.
    pub length: u64,
    /// The type of the elements, as written; a record type in full.
    pub dtype: String,
    /// Bytes of one element, where the type is a simple one.
    pub(crate) item_size: Option<u64>,
    /// Whether elements are Python objects, which are pickled.
    pub objects: bool,
    /// Product of the shape.
    pub elements: u64,
    /// The shape, as written.
    pub shape: Vec<u64>,
    /// Whether the first index runs fastest.
    pub column_major: bool,
}

/// Why a header is none.
#[derive(Debug)]
pub enum Broken {
    /// The bytes at hand end first.
    Cut,
    /// It is not a literal but an expression, here as it stands.
    Code(String),
    /// It lacks what it must say.
    Lies(String),
}

impl Header {
    /// Reads the header at the start of a file.
    ///
    /// # Errors
    /// [`Broken`] says how the header differs from what NumPy writes.
    pub fn parse(head: &[u8]) -> Result<Self, Broken> {
        let version = head.get(6).copied().ok_or(Broken::Cut)?;
        let (start, length) = match version {
            1 => (10_usize, u16_at(head, 8).map(u32::from)),
            2 | 3 => (12, u32_at(head, 8)),
            _ => return Err(Broken::Lies(format!("npy has no version {version}"))),
        };
        let length = usize::try_from(length.ok_or(Broken::Cut)?).unwrap_or(usize::MAX);
        let end = start.saturating_add(length);
        let Some(text) = head.get(start..end) else {
            return Err(if length > stance_read::input::HEAD {
                Broken::Lies(format!("its header claims {length} bytes"))
            } else {
                Broken::Cut
            });
        };
        let text = String::from_utf8_lossy(text);
        let literal = text.trim();
        if !literal.starts_with('{') || !is_literal(literal) {
            return Err(Broken::Code(text.into_owned()));
        }
        let missing = |key: &str| Broken::Lies(format!("its header has no `{key}`"));
        let descr = value_of(literal, "descr").ok_or_else(|| missing("descr"))?;
        let shape = value_of(literal, "shape").ok_or_else(|| missing("shape"))?;
        let dtype = first_value(descr);
        let simple = dtype.trim_matches(['\'', '"']);
        Ok(Self {
            length: end as u64,
            objects: holds_objects(dtype),
            item_size: item_size(simple),
            elements: product(shape),
            shape: dimensions(shape),
            column_major: value_of(literal, "fortran_order")
                .is_some_and(|order| order.starts_with("True")),
            dtype: stance_core::evidence::shorten(simple),
        })
    }
}

/// Whether this is a Python literal: texts, numbers, and brackets around them. Names, operators and
/// texts that are put together while they are read make it an expression, which only `eval` takes.
fn is_literal(text: &str) -> bool {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let used = match first {
            '\'' | '"' => match string_end(rest, first) {
                Some(end) => end,
                None => return false,
            },
            '(' | ')' | '[' | ']' | '{' | '}' | ',' | ':' | '-' | '+' | '.' => 1,
            _ if first.is_whitespace() => first.len_utf8(),
            _ if first.is_alphanumeric() || first == '_' => {
                let end = rest
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .unwrap_or(rest.len());
                let word = rest.get(..end).unwrap_or_default();
                let quoted = rest
                    .get(end..)
                    .is_some_and(|next| next.starts_with(['\'', '"']));
                let known = if quoted {
                    matches!(
                        word,
                        "b" | "B" | "u" | "U" | "r" | "R" | "br" | "rb" | "bR" | "Rb"
                    )
                } else {
                    matches!(word, "True" | "False" | "None") || first.is_ascii_digit()
                };
                if !known {
                    return false;
                }
                end
            }
            _ => return false,
        };
        rest = rest.get(used..).unwrap_or_default();
    }
    true
}

/// Where a text in quotes ends.
fn string_end(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return Some(at.saturating_add(1)),
            _ => {}
        }
    }
    None
}

/// What follows `'key':`.
fn value_of<'t>(literal: &'t str, key: &str) -> Option<&'t str> {
    ['\'', '"'].into_iter().find_map(|quote| {
        let quoted = format!("{quote}{key}{quote}");
        let at = literal.find(&quoted)?;
        let rest = literal.get(at.saturating_add(quoted.len())..)?;
        Some(rest.trim_start().strip_prefix(':')?.trim_start())
    })
}

/// The first value of `text`: a quoted string, or a list up to its closing bracket.
fn first_value(text: &str) -> &str {
    let end = match text.chars().next() {
        Some(quote @ ('\'' | '"')) => text
            .get(1..)
            .and_then(|rest| rest.find(quote))
            .map(|at| at.saturating_add(2)),
        Some('[') => {
            let mut depth = 0_i32;
            text.char_indices().find_map(|(at, character)| {
                match character {
                    '[' => depth = depth.saturating_add(1),
                    ']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                (depth == 0).then(|| at.saturating_add(1))
            })
        }
        _ => None,
    };
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Whether a type, or the type of a field, is that of Python objects: `|O`, `O8`.
fn holds_objects(dtype: &str) -> bool {
    dtype.split(['\'', '"']).any(|part| {
        let code = part.trim_start_matches(['|', '<', '>', '=']);
        matches!(code, "object" | "object_" | "object0")
            || code
                .strip_prefix('O')
                .is_some_and(|size| size.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// Bytes of an element of a simple type: `<f4` has 4, `<U3` has 12.
fn item_size(dtype: &str) -> Option<u64> {
    let code = dtype.trim_start_matches(['|', '<', '>', '=']);
    let kind = code.chars().next()?;
    let size: u64 = code.get(1..)?.split('[').next()?.parse().ok()?;
    match kind {
        'U' => Some(size.saturating_mul(4)),
        'b' | 'B' | 'i' | 'u' | 'f' | 'c' | 'S' | 'V' | 'a' | 'm' | 'M' | '?' => Some(size),
        _ => None,
    }
}

/// The product of the numbers of a tuple.
fn product(shape: &str) -> u64 {
    sizes(shape).fold(1, u64::saturating_mul)
}

/// The numbers of a tuple, the first ones when there are more than any array has dimensions.
fn dimensions(shape: &str) -> Vec<u64> {
    sizes(shape).take(Tensor::DIMENSIONS).collect()
}

fn sizes(shape: &str) -> impl Iterator<Item = u64> {
    let tuple = shape.trim_start_matches('(');
    let tuple = tuple.split(')').next().unwrap_or_default();
    tuple
        .split(',')
        .filter_map(|number| number.trim().trim_end_matches('L').parse::<u64>().ok())
}
