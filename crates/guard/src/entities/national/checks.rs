//! What checks of numbers share.

/// The value of the digit at a place; of a letter, something above nine.
pub(super) fn digit(plain: &[u8], at: usize) -> u32 {
    plain
        .get(at)
        .map_or(0, |byte| u32::from(byte.wrapping_sub(b'0')))
}

/// The number that the digits from `from` to `to` write.
pub(super) fn number(plain: &[u8], from: usize, to: usize) -> u64 {
    plain
        .get(from..to)
        .unwrap_or_default()
        .iter()
        .fold(0_u64, |sum, byte| {
            sum.saturating_mul(10)
                .saturating_add(u64::from(byte.wrapping_sub(b'0')))
        })
}

/// The weighted sum of the first digits.
pub(super) fn weighted(plain: &[u8], weights: &[u32]) -> u32 {
    plain.iter().zip(weights).fold(0, |sum, (byte, weight)| {
        sum.saturating_add(u32::from(byte.wrapping_sub(b'0')).saturating_mul(*weight))
    })
}

/// Whether the digit at `at` is what modulus 11 of the weighted sum leaves: `(-sum) mod 11`, ten being no digit.
pub(super) fn modulus_11(plain: &[u8], weights: &[u32], at: usize) -> bool {
    let rest = 11_u32.saturating_sub(weighted(plain, weights) % 11) % 11;
    rest == digit(plain, at)
}

/// Whether all are the same.
pub(super) fn same(plain: &[u8]) -> bool {
    plain.windows(2).all(|pair| pair.first() == pair.last())
}

/// Digits as values.
pub(super) fn values(plain: &[u8]) -> Vec<u8> {
    plain.iter().map(|byte| byte.wrapping_sub(b'0')).collect()
}

/// Whether two digits each are a month and a day.
pub(super) fn dated(month: u64, day: u64) -> bool {
    (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// The check of ISO 7064, MOD 11,10.
pub(super) fn iso_7064_11_10(plain: &[u8]) -> bool {
    let Some((last, body)) = plain.split_last() else {
        return false;
    };
    let mut product = 10_u32;
    for byte in body {
        let mut sum = u32::from(byte.wrapping_sub(b'0')).saturating_add(product) % 10;
        if sum == 0 {
            sum = 10;
        }
        product = sum.saturating_mul(2) % 11;
    }
    11_u32.saturating_sub(product) % 10 == u32::from(last.wrapping_sub(b'0'))
}

/// The check of Luhn over digits as they are written.
pub(super) fn luhn(plain: &[u8]) -> bool {
    stance_read::personal::numbers::luhn(&values(plain))
}
