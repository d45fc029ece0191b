//! CatBoost models for tests: no trees, one entry of metadata.

fn number(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or_default().to_le_bytes()
}

fn text(value: &str) -> Vec<u8> {
    let mut bytes = number(value.len()).to_vec();
    bytes.extend(value.as_bytes());
    bytes.push(0);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// A model whose metadata has this entry.
#[must_use]
pub fn model(key: &str, value: &str) -> Vec<u8> {
    // Everything lies at a known place, because only the texts have any length; each offset
    // counts from where it stands.
    let mut core: Vec<u8> = Vec::new();
    core.extend(number(16)); // root table at 16
    core.extend([10, 0, 12, 0, 4, 0, 0, 0, 8, 0, 0, 0]); // its fields: version, no trees, metadata
    core.extend(number(12)); // 16: fields are 12 bytes before
    core.extend(number(20)); // 20: version at 40
    core.extend(number(28)); // 24: metadata at 52
    core.extend([8, 0, 12, 0, 4, 0, 8, 0]); // 28: fields of the entry
    core.extend(number(0));
    core.extend(text("v1.0\0\0\0")); // 40
    core.extend(number(1)); // 52: one entry
    core.extend(number(4)); // 56: at 60
    core.extend(number(32)); // 60: fields at 28
    core.extend(number(8)); // 64: key at 72
    let key = text(key);
    core.extend(number(key.len().saturating_add(4))); // 68: value behind it
    core.extend(key);
    core.extend(text(value));
    let mut file = b"CBM1".to_vec();
    file.extend(number(core.len()));
    file.extend(core);
    file
}
