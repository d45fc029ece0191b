//! Digests and marks, `crypto.*`, and what tokens say, `io.jwt.decode`, without a look at their signatures.

use hmac::{Hmac, KeyInit as _, Mac as _};
use regorus::Value;
use sha1::{Digest as _, Sha1};
use sha2::{Sha256, Sha512};

use super::context::{counted, now};
use super::{Function, Outcome, Refused, engines, string, whole};

/// From the first day of the Gregorian calendar to 1970, in steps of 100 ns (RFC 9562, 5.1).
const GREGORIAN: i128 = 0x01b2_1dd2_1381_4000;

pub(super) const FUNCTIONS: &[Function] = &[
    ("crypto.hmac.equal", 2, |given| {
        // What is compared is known to whoever wrote the policy; the time it takes tells nobody anything.
        Ok(Value::from(string(given, 0)? == string(given, 1)?))
    }),
    ("crypto.hmac.sha1", 2, |given| {
        let mut mark = Hmac::<Sha1>::new_from_slice(string(given, 1)?.as_bytes())
            .map_err(|error| Refused::argument(error.to_string()))?;
        mark.update(string(given, 0)?.as_bytes());
        Ok(hex(&mark.finalize().into_bytes()))
    }),
    ("crypto.hmac.sha256", 2, |given| {
        let mut mark = Hmac::<Sha256>::new_from_slice(string(given, 1)?.as_bytes())
            .map_err(|error| Refused::argument(error.to_string()))?;
        mark.update(string(given, 0)?.as_bytes());
        Ok(hex(&mark.finalize().into_bytes()))
    }),
    ("crypto.hmac.sha512", 2, |given| {
        let mut mark = Hmac::<Sha512>::new_from_slice(string(given, 1)?.as_bytes())
            .map_err(|error| Refused::argument(error.to_string()))?;
        mark.update(string(given, 0)?.as_bytes());
        Ok(hex(&mark.finalize().into_bytes()))
    }),
    ("crypto.sha1", 1, |given| {
        Ok(hex(&Sha1::digest(string(given, 0)?.as_bytes())))
    }),
    ("crypto.sha256", 1, |given| {
        Ok(hex(&Sha256::digest(string(given, 0)?.as_bytes())))
    }),
    ("io.jwt.decode", 1, decode),
    ("rand.intn", 2, intn),
    ("uuid.parse", 1, parse),
    ("uuid.rfc4122", 1, |given| {
        Ok(Value::from(uuid(string(given, 0)?)))
    }),
];

/// What a UUID says about itself: version, variant, and the time and node of those that have them.
fn parse(given: &[Value]) -> Outcome {
    let text = string(given, 0)?;
    let invalid = || Refused::argument(format!("invalid UUID {text}"));
    let digits: String = text
        .trim_start_matches("urn:uuid:")
        .trim_matches(['{', '}'])
        .chars()
        .filter(|it| *it != '-')
        .collect();
    if digits.len() != 32 {
        return Err(invalid());
    }
    let value = u128::from_str_radix(&digits, 16).map_err(|_| invalid())?;
    let version = (value >> 76) & 15;
    let variant = match (value >> 61) & 7 {
        0..=3 => "Reserved",
        4 | 5 => "RFC4122",
        6 => "Microsoft",
        _ => "Future",
    };
    let mut entries = std::collections::BTreeMap::from([
        (Value::from("version"), Value::from(version)),
        (Value::from("variant"), Value::from(variant)),
    ]);
    if matches!(version, 1 | 2) {
        let time =
            (((value >> 64) & 0xfff) << 48) | (((value >> 80) & 0xffff) << 32) | (value >> 96);
        let time = i128::try_from(time)
            .unwrap_or_default()
            .saturating_sub(GREGORIAN)
            .saturating_mul(100);
        entries.insert(Value::from("time"), Value::from(time));
        let octets = |shift: u32| value.checked_shr(shift).unwrap_or_default() & 255;
        let node: Vec<String> = [40, 32, 24, 16, 8, 0]
            .iter()
            .map(|shift| format!("{:02x}", octets(*shift)))
            .collect();
        entries.insert(Value::from("nodeid"), Value::from(node.join("-")));
        entries.insert(
            Value::from("macvariables"),
            Value::from(match octets(40) & 3 {
                0 => "global:unicast",
                1 => "global:multicast",
                2 => "local:unicast",
                _ => "local:multicast",
            }),
        );
        entries.insert(
            Value::from("clocksequence"),
            Value::from((value >> 48) & 0x3fff),
        );
        if version == 2 {
            entries.insert(Value::from("id"), Value::from(value >> 96));
            entries.insert(
                Value::from("domain"),
                Value::from(match (value >> 48) & 255 {
                    0 => "Person",
                    1 => "Group",
                    2 => "Org",
                    _ => "Domain",
                }),
            );
        }
    }
    Ok(Value::from(entries))
}

fn hex(bytes: &[u8]) -> Value {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
    Value::from(text)
}

/// The header and the claims of a token, and its signature in hexadecimal.
fn decode(given: &[Value]) -> Outcome {
    counted(given)?;
    let token = string(given, 0)?;
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else {
        return Err(Refused::argument(
            "encoded JWT must have 3 parts, found another number",
        ));
    };
    let json = |part: &str| -> Outcome {
        let text = engines("base64url.decode", &[Value::from(part)])?;
        let text = text
            .as_string()
            .map_err(|error| Refused::argument(error.to_string()))?;
        let value = Value::from_json_str(text)
            .map_err(|_| Refused::argument("a part of the token is no JSON"))?;
        value
            .as_object()
            .map_err(|_| Refused::argument("a part of the token is no object"))?;
        Ok(value.clone())
    };
    let header = json(header)?;
    if header["enc"] != Value::Undefined {
        return Err(Refused::argument(
            "JWT is a JWE object, which is not supported",
        ));
    }
    let bytes =
        bytes_of(signature).ok_or_else(|| Refused::argument("the signature is no base64url"))?;
    Ok(Value::from(vec![header, json(claims)?, hex(&bytes)]))
}

/// The bytes that base64url without padding stands for.
fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0_u32);
    for character in text.trim_end_matches('=').bytes() {
        let value = match character {
            b'A'..=b'Z' => character.wrapping_sub(b'A'),
            b'a'..=b'z' => character.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => character.wrapping_sub(b'0').wrapping_add(52),
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count = count.wrapping_add(6);
        if count >= 8 {
            count = count.wrapping_sub(8);
            bytes.push(u8::try_from(bits.checked_shr(count).unwrap_or_default() & 255).ok()?);
        }
    }
    Some(bytes)
}

/// Numbers that look random: the same within an evaluation and for the same time.
fn seeded(words: &str) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(now().unwrap_or_default().to_le_bytes());
    digest.update(words.as_bytes());
    digest.finalize().into()
}

fn intn(given: &[Value]) -> Outcome {
    let (words, below) = (string(given, 0)?, whole(given, 1)?.unsigned_abs());
    if below == 0 {
        return Ok(Value::from(0_u64));
    }
    let mut bytes = [0; 8];
    bytes.copy_from_slice(seeded(words).first_chunk::<8>().unwrap_or(&[0; 8]));
    Ok(Value::from(
        u64::from_le_bytes(bytes)
            .checked_rem(below)
            .unwrap_or_default(),
    ))
}

/// A UUID of version 4 whose bits come from the words and the time of the evaluation.
fn uuid(words: &str) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(seeded(words).first_chunk::<16>().unwrap_or(&[0; 16]));
    let value = u128::from_be_bytes(bytes);
    let value = (value & !(0xf << 76) & !(3 << 62)) | (4 << 76) | (2 << 62);
    let text = format!("{value:032x}");
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ]
    .join("-")
}
