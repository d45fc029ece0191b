//! Addresses of currencies: Base58Check, Bech32 (BIP 173, BIP 350), and the mixed case of Ethereum (EIP-55).

use sha2::{Digest as _, Sha256};

use super::bytes::is_wordy;
use super::view::View;
use super::{Entity, Kind};

mod keccak;

/// Longest address, in bytes.
const LONGEST: usize = 91;

/// The address that begins at `at`.
pub(crate) fn find(view: &View<'_>, at: usize) -> Option<Entity> {
    let first = view.byte(at)?;
    // Most words begin otherwise, and are not looked at.
    if !matches!(
        first,
        b'0' | b'1'
            | b'3'
            | b'b'
            | b'B'
            | b'l'
            | b'L'
            | b'M'
            | b'D'
            | b'T'
            | b'r'
            | b't'
            | b'm'
            | b'n'
            | b'2'
    ) {
        return None;
    }
    let end = view.run(at, LONGEST, |byte| byte.is_ascii_alphanumeric());
    let length = end.saturating_sub(at);
    if !(25..LONGEST).contains(&length) || view.byte(end).is_some_and(is_wordy) {
        return None;
    }
    let text = view.slice(at..end);
    let (kind, verified) = kind(text)?;
    Some(Entity {
        verified,
        ..Entity::new(kind, at..end, if verified { 98 } else { 70 })
    })
}

fn kind(text: &str) -> Option<(Kind, bool)> {
    if let Some(hex) = text.strip_prefix("0x") {
        return ethereum(hex).map(|verified| (Kind::Ethereum, verified));
    }
    let small = text.to_ascii_lowercase();
    let one_case = text == small || text == text.to_ascii_uppercase();
    if (small.starts_with("bc1") || small.starts_with("tb1")) && one_case {
        return bech32(&small, 2).then_some((Kind::Bitcoin, true));
    }
    if small.starts_with("ltc1") && one_case {
        return bech32(&small, 3).then_some((Kind::Litecoin, true));
    }
    if text.len() > 36 {
        return None;
    }
    let version = match text.bytes().next()? {
        b'r' => base58(
            text,
            b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz",
        )
        .filter(|version| *version == 0)
        .map(|_| Kind::Ripple),
        _ => match base58(
            text,
            b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        )? {
            0 | 5 | 111 | 196 => Some(Kind::Bitcoin),
            48 | 50 => Some(Kind::Litecoin),
            30 => Some(Kind::Dogecoin),
            65 => Some(Kind::Tron),
            _ => None,
        },
    };
    version.map(|kind| (kind, true))
}

/// Forty hexadecimal digits; letters of both cases carry a check. Whether it was checked.
fn ethereum(hex: &str) -> Option<bool> {
    let bytes = hex.as_bytes();
    if bytes.len() != 40 || !bytes.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let upper = bytes.iter().any(u8::is_ascii_uppercase);
    let lower = bytes.iter().any(u8::is_ascii_lowercase);
    if !(upper && lower) {
        // What hardly varies fills a field.
        let varied = bytes
            .windows(2)
            .filter(|pair| pair.first() != pair.last())
            .count()
            > 12;
        return varied.then_some(false);
    }
    let hash = keccak::hash_256(hex.to_ascii_lowercase().as_bytes());
    let fits = bytes.iter().enumerate().all(|(place, byte)| {
        let nibble = hash
            .get(place / 2)
            .map_or(0, |byte| if place % 2 == 0 { byte >> 4 } else { byte & 15 });
        !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() == (nibble >= 8)
    });
    fits.then_some(true)
}

/// The version of an address of 25 bytes whose double SHA-256 fits.
fn base58(text: &str, alphabet: &[u8; 58]) -> Option<u8> {
    let mut bytes = [0_u8; 25];
    for letter in text.bytes() {
        let value = alphabet.iter().position(|known| *known == letter)?;
        let mut carry = u32::try_from(value).ok()?;
        for byte in bytes.iter_mut().rev() {
            carry = carry.saturating_add(u32::from(*byte).saturating_mul(58));
            *byte = u8::try_from(carry & 0xff).ok()?;
            carry >>= 8;
        }
        if carry > 0 {
            return None;
        }
    }
    let (body, check) = bytes.split_at_checked(21)?;
    let hash = Sha256::digest(Sha256::digest(body));
    (hash.get(..4) == Some(check)).then(|| body.first().copied())?
}

/// Whether the checksum of a text in small letters fits, Bech32 or Bech32m; `prefix` letters stand before its `1`.
fn bech32(text: &str, prefix: usize) -> bool {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let (Some(human), Some(data)) = (text.get(..prefix), text.get(prefix.saturating_add(1)..))
    else {
        return false;
    };
    let mut check = 1_u32;
    let mut push = |value: u32| {
        const TERMS: [u32; 5] = [
            0x3b6a_57b2,
            0x2650_8e6d,
            0x1ea1_19fa,
            0x3d42_33dd,
            0x2a14_62b3,
        ];
        let top = check >> 25;
        check = (check & 0x01ff_ffff) << 5 ^ value;
        for (bit, term) in TERMS.iter().enumerate() {
            if top >> bit & 1 == 1 {
                check ^= term;
            }
        }
    };
    human.bytes().for_each(|byte| push(u32::from(byte >> 5)));
    push(0);
    human.bytes().for_each(|byte| push(u32::from(byte & 31)));
    for byte in data.bytes() {
        let Some(value) = ALPHABET.iter().position(|known| *known == byte) else {
            return false;
        };
        push(u32::try_from(value).unwrap_or_default());
    }
    matches!(check, 1 | 0x2bc8_30a3)
}
