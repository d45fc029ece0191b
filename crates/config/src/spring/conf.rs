//! HOCON, as applications of Akka, Play, Ktor and Embabel are configured in: blocks, dotted keys, `=` or `:`.
//!
//! Only what settings need is read: keys with their blocks, and values of one line. Lists and texts over several lines
//! are passed over. See <https://github.com/lightbend/config/blob/main/HOCON.md>.

use super::{MOST, Property};

/// Deepest nesting of blocks.
const DEPTH: usize = 32;

pub(super) fn read(text: &str, all: &mut Vec<Property>) {
    let mut path: Vec<String> = Vec::new();
    let mut start = 0_usize;
    for raw in text.split_inclusive('\n') {
        let here = start;
        start = start.saturating_add(raw.len());
        let mut line = raw.trim();
        if line.starts_with(['#']) || line.starts_with("//") || line.is_empty() {
            continue;
        }
        while let Some(rest) = line.strip_prefix('}') {
            path.pop();
            line = rest.trim_start();
        }
        if let Some(before) = line.strip_suffix('{') {
            let key = before.trim().trim_end_matches(['=', ':']).trim();
            if path.len() >= DEPTH {
                return;
            }
            path.push(key.trim_matches('"').to_owned());
            continue;
        }
        let Some(end) = line.find(['=', ':']) else {
            continue;
        };
        let key = line.get(..end).unwrap_or_default().trim().trim_matches('"');
        let value = line.get(end.saturating_add(1)..).unwrap_or_default().trim();
        let value = value.split(" //").next().unwrap_or_default();
        let value = value.split(" #").next().unwrap_or_default().trim();
        let value = value.trim_end_matches(',').trim_matches('"');
        if key.is_empty() || value.is_empty() || value.starts_with(['[', '{']) || all.len() >= MOST
        {
            continue;
        }
        let offset = (value.as_ptr() as usize).saturating_sub(raw.as_ptr() as usize);
        let from = here.saturating_add(offset);
        let mut whole = path.join(".");
        if !whole.is_empty() {
            whole.push('.');
        }
        whole.push_str(key);
        all.push(Property {
            key: whole,
            value: value.to_owned(),
            span: from..from.saturating_add(value.len()),
        });
    }
}
