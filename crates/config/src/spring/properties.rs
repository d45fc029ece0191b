//! Java properties: one key and value a line, `=`, `:` or a blank between them.

use super::{MOST, Property};

pub(super) fn read(text: &str, all: &mut Vec<Property>) {
    let mut start = 0_usize;
    for line in text.split_inclusive('\n') {
        let here = start;
        start = start.saturating_add(line.len());
        let plain = line.trim();
        if plain.is_empty() || plain.starts_with(['#', '!']) {
            continue;
        }
        let Some(end) = plain.find(['=', ':', ' ', '\t']) else {
            continue;
        };
        let key = plain.get(..end).unwrap_or_default();
        let rest = plain.get(end..).unwrap_or_default().trim_start();
        let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim();
        if value.is_empty() || all.len() >= MOST {
            continue;
        }
        let offset = (value.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
        let from = here.saturating_add(offset);
        all.push(Property {
            key: key.to_owned(),
            value: value.to_owned(),
            span: from..from.saturating_add(value.len()),
        });
    }
}
