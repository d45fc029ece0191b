//! Hashing for tables that are made of data of ours and looked up in for every file.

use std::hash::{BuildHasherDefault, Hasher};

/// What `HashMap` and `HashSet` take to hash with [`TableHasher`].
pub type BuildTableHasher = BuildHasherDefault<TableHasher>;

/// FNV-1a with 64 bits: cheap for short names, and the same in every run. Whoever knows it can make names
/// that collide, so it is only for tables to which nothing from a file is ever added.
#[derive(Clone, Copy, Debug)]
pub struct TableHasher(u64);

impl Default for TableHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for TableHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_fnv_1a() {
        // Test vectors of draft-eastlake-fnv.
        for (text, hash) in [
            ("", 0xcbf2_9ce4_8422_2325),
            ("a", 0xaf63_dc4c_8601_ec8c),
            ("foobar", 0x8594_4171_f739_67e8),
        ] {
            let mut hasher = TableHasher::default();
            hasher.write(text.as_bytes());
            assert_eq!(hasher.finish(), hash, "{text}");
        }
    }
}
