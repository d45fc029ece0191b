//! JSON, value by value, without a tree: a model has millions of numbers.

use super::Error;
use super::model::Model;

/// Reads one value and says where it ends.
pub(super) fn read(bytes: &[u8], depth: usize, model: &mut Model<'_, '_>) -> Result<usize, Error> {
    let mut at = 0_usize;
    // The brackets that are open; and whether a key comes next.
    let mut open: Vec<u8> = Vec::new();
    let mut key = false;
    loop {
        while bytes
            .get(at)
            .is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b',' | b':'))
        {
            key |= open.last() == Some(&b'{') && bytes.get(at) == Some(&b',');
            at = at.saturating_add(1);
        }
        let from = at;
        match *bytes.get(at).ok_or(Error::End)? {
            bracket @ (b'{' | b'[') => {
                if open.len() >= depth {
                    return Err(Error::Deep);
                }
                model.open(bracket == b'[');
                open.push(bracket);
                key = bracket == b'{';
                at = at.saturating_add(1);
            }
            b'}' | b']' => {
                if open.pop().is_none() {
                    return Err(Error::Malformed(at));
                }
                model.close();
                key = false;
                at = at.saturating_add(1);
            }
            b'"' => {
                let (text, end) = string(bytes, at)?;
                at = end;
                if key {
                    model.key(&text, from);
                    key = false;
                } else {
                    model.text(&text, from);
                }
            }
            b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                let rest = bytes.get(at..).unwrap_or_default();
                let length = rest
                    .iter()
                    .take_while(|byte| {
                        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
                    })
                    .count();
                let word = std::str::from_utf8(rest.get(..length).unwrap_or_default());
                model.number(
                    word.ok()
                        .and_then(|word| word.parse().ok())
                        .unwrap_or(f64::NAN),
                );
                at = at.saturating_add(length);
            }
            _ => return Err(Error::Malformed(at)),
        }
        if open.is_empty() {
            return Ok(at);
        }
    }
}

/// The text whose quote stands at `at`, and where it ends.
fn string(bytes: &[u8], at: usize) -> Result<(String, usize), Error> {
    let start = at.saturating_add(1);
    let mut end = start;
    loop {
        let rest = bytes.get(end..).ok_or(Error::End)?;
        let step = memchr::memchr2(b'"', b'\\', rest).ok_or(Error::End)?;
        end = end.saturating_add(step);
        if bytes.get(end) == Some(&b'"') {
            break;
        }
        end = end.saturating_add(2);
    }
    let quoted = bytes.get(at..=end).unwrap_or_default();
    let text = serde_json::from_slice(quoted).unwrap_or_else(|_| {
        String::from_utf8_lossy(bytes.get(start..end).unwrap_or_default()).into_owned()
    });
    Ok((text, end.saturating_add(1)))
}
