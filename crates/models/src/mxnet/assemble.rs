//! Writes small files of MXNet, for tests and the examples of rules.

/// A list of arrays of bytes, with their names.
#[must_use]
pub fn parameters(arrays: &[(&str, &[u8])]) -> Vec<u8> {
    let long = |value: usize| (value as u64).to_le_bytes();
    let mut out = [0x112_u64.to_le_bytes(), [0; 8], long(arrays.len())].concat();
    for (_, data) in arrays {
        for number in [0xf993_fac9_u32, 0, 1] {
            out.extend(number.to_le_bytes());
        }
        out.extend(long(data.len()));
        // The device, and the type of unsigned bytes.
        for number in [1_u32, 0, 3] {
            out.extend(number.to_le_bytes());
        }
        out.extend(*data);
    }
    out.extend(long(arrays.len()));
    for (name, _) in arrays {
        out.extend(long(name.len()));
        out.extend(name.as_bytes());
    }
    out
}

/// A graph of one node with this operator and one attribute.
#[must_use]
pub fn graph(operator: &str, key: &str, value: &str) -> String {
    format!(
        r#"{{
  "nodes": [{{"op": "{operator}", "name": "n", "attrs": {{"{key}": "{value}"}}, "inputs": []}}],
  "arg_nodes": [],
  "heads": [[0, 0, 0]],
  "attrs": {{"mxnet_version": ["int", 10901]}}
}}"#
    )
}
