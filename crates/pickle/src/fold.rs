//! Calls on constants that give constants: the small set with which names and payloads are hidden.

use super::codecs;
use super::value::{Heap, Object, Value};

/// Longest constant that is made.
const LONGEST: usize = 1 << 20;

/// What the call gives when that can be told.
pub(super) fn constant(heap: &mut Heap, name: &str, arguments: &[Value]) -> Option<Value> {
    let first = arguments.first().copied()?;
    let second = arguments.get(1).copied();
    let codec = second.and_then(|codec| heap.as_str(codec).map(str::to_ascii_lowercase));
    match name {
        "codecs.encode" | "str.encode" | "builtins.str.encode" => {
            let text = heap.as_bytes(first)?.to_vec();
            encode(heap, &text, codec.as_deref().unwrap_or("utf-8"))
        }
        "codecs.decode" | "bytes.decode" | "builtins.bytes.decode" => {
            let bytes = heap.as_bytes(first)?.to_vec();
            decode(heap, &bytes, codec.as_deref().unwrap_or("utf-8"))
        }
        "base64.b64decode"
        | "base64.standard_b64decode"
        | "base64.urlsafe_b64decode"
        | "base64.decodebytes"
        | "binascii.a2b_base64" => {
            let decoded = codecs::base64(heap.as_bytes(first)?)?;
            Some(heap.bytes(&decoded))
        }
        "base64.b32decode" | "base64.b32hexdecode" => {
            let digits: &[u8; 32] = if name.ends_with("b32decode") {
                b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            } else {
                b"0123456789ABCDEFGHIJKLMNOPQRSTUV"
            };
            let decoded = codecs::base32(heap.as_bytes(first)?, digits)?;
            Some(heap.bytes(&decoded))
        }
        "base64.b85decode" => {
            let decoded = codecs::base85(heap.as_bytes(first)?)?;
            Some(heap.bytes(&decoded))
        }
        "base64.a85decode" => {
            let decoded = codecs::ascii85(heap.as_bytes(first)?)?;
            Some(heap.bytes(&decoded))
        }
        "zlib.decompress" | "gzip.decompress" | "bz2.decompress" | "lzma.decompress" => {
            let unpacked = codecs::decompressed(heap.as_bytes(first)?)?;
            Some(heap.bytes(&unpacked))
        }
        "binascii.unhexlify"
        | "binascii.a2b_hex"
        | "base64.b16decode"
        | "builtins.bytes.fromhex"
        | "builtins.bytearray.fromhex" => {
            let decoded = codecs::hex(heap.as_bytes(first)?)?;
            Some(heap.bytes(&decoded))
        }
        "builtins.bytes" | "builtins.bytearray" => match first {
            Value::Text(_) => {
                let text = heap.as_bytes(first)?.to_vec();
                encode(heap, &text, codec.as_deref().unwrap_or("utf-8"))
            }
            Value::Bytes(_) => Some(first),
            _ => {
                let bytes: Option<Vec<u8>> = heap
                    .items(first)?
                    .iter()
                    .map(|item| match item {
                        Value::Int(byte) => u8::try_from(*byte).ok(),
                        _ => None,
                    })
                    .collect();
                let bytes = bytes.filter(|bytes| bytes.len() < super::value::KEEP)?;
                Some(heap.bytes(&bytes))
            }
        },
        "builtins.str" => match (first, codec) {
            (Value::Text(_), _) => Some(first),
            (Value::Bytes(_), Some(codec)) => {
                let bytes = heap.as_bytes(first)?.to_vec();
                decode(heap, &bytes, &codec)
            }
            _ => None,
        },
        "builtins.chr" => match first {
            Value::Int(code) => {
                let character = char::from_u32(u32::try_from(code).ok()?)?;
                Some(heap.text(character.encode_utf8(&mut [0; 4])))
            }
            _ => None,
        },
        "builtins.list" | "builtins.tuple" => {
            let items = heap.items(first)?.to_vec();
            Some(heap.add(if name == "builtins.list" {
                Object::List(items)
            } else {
                Object::Tuple(items)
            }))
        }
        "str.join" | "builtins.str.join" => {
            let separator = heap.as_str(first)?.to_owned();
            // A list that was cut is not known.
            let parts: Option<Vec<&str>> = heap
                .items(second?)
                .filter(|parts| parts.len() < super::value::KEEP)?
                .iter()
                .map(|part| heap.as_str(*part))
                .collect();
            let joined = parts?.join(&separator);
            short(heap, &joined)
        }
        "operator.add"
        | "operator.concat"
        | "operator.iadd"
        | "operator.iconcat"
        | "str.__add__"
        | "builtins.str.__add__" => {
            if let (Some(left), Some(right)) = (heap.as_str(first), heap.as_str(second?)) {
                let joined = format!("{left}{right}");
                return short(heap, &joined);
            }
            let mut joined = heap.as_bytes(first)?.to_vec();
            joined.extend_from_slice(heap.as_bytes(second?)?);
            (joined.len() <= LONGEST).then(|| heap.bytes(&joined))
        }
        "str.replace" | "builtins.str.replace" => {
            let third = arguments.get(2).copied()?;
            let (from, to) = (heap.as_str(second?)?, heap.as_str(third)?);
            if from.is_empty() || to.len() > 64 {
                return None;
            }
            let replaced = heap.as_str(first)?.replace(from, to);
            short(heap, &replaced)
        }
        "str.lower" | "builtins.str.lower" | "str.casefold" => {
            let text = heap.as_str(first)?.to_lowercase();
            short(heap, &text)
        }
        "str.upper" | "builtins.str.upper" => {
            let text = heap.as_str(first)?.to_uppercase();
            short(heap, &text)
        }
        "str.swapcase" | "builtins.str.swapcase" => {
            let swap = |letter: char| match letter {
                'a'..='z' => letter.to_ascii_uppercase(),
                _ => letter.to_ascii_lowercase(),
            };
            let text: String = heap.as_str(first)?.chars().map(swap).collect();
            short(heap, &text)
        }
        "builtins.reversed" | "builtins.sorted" | "str.__iter__" | "builtins.iter" => {
            let mut items = match first {
                Value::Text(_) => {
                    let text = heap.as_str(first)?.to_owned();
                    let letters = text.chars().take(super::value::KEEP);
                    letters
                        .map(|letter| heap.text(letter.encode_utf8(&mut [0; 4])))
                        .collect()
                }
                _ => heap.items(first)?.to_vec(),
            };
            match name {
                "builtins.reversed" => items.reverse(),
                "builtins.sorted" => return None,
                _ => {}
            }
            Some(heap.add(Object::List(items)))
        }
        "str.split" | "builtins.str.split" => {
            let text = heap.as_str(first)?.to_owned();
            let separator = second.and_then(|separator| heap.as_str(separator));
            let parts: Vec<String> = match separator {
                Some("") => return None,
                Some(separator) => text.split(separator).map(str::to_owned).collect(),
                None => text.split_whitespace().map(str::to_owned).collect(),
            };
            if parts.len() >= super::value::KEEP {
                return None;
            }
            let parts = parts.iter().map(|part| heap.text(part)).collect();
            Some(heap.add(Object::List(parts)))
        }
        "str.format" | "builtins.str.format" => {
            let mut text = heap.as_str(first)?.to_owned();
            for (index, argument) in arguments.iter().skip(1).enumerate().take(8) {
                let argument = heap.as_str(*argument)?;
                text = text.replacen("{}", argument, 1);
                text = text.replace(&format!("{{{index}}}"), argument);
                if text.len() > LONGEST {
                    return None;
                }
            }
            (!text.contains(['{', '}'])).then(|| heap.text(&text))
        }
        "operator.mul" | "str.__mul__" => match second? {
            Value::Int(times) => {
                let text = heap.as_str(first)?;
                let times = usize::try_from(times).ok()?;
                let length = text.len().checked_mul(times)?;
                let text = (length <= LONGEST).then(|| text.repeat(times))?;
                Some(heap.text(&text))
            }
            _ => None,
        },
        "str.strip" | "builtins.str.strip" => {
            let text = heap.as_str(first)?.trim().to_owned();
            short(heap, &text)
        }
        _ => None,
    }
}

fn short(heap: &mut Heap, text: &str) -> Option<Value> {
    (text.len() <= LONGEST).then(|| heap.text(text))
}

fn encode(heap: &mut Heap, text: &[u8], codec: &str) -> Option<Value> {
    let text = std::str::from_utf8(text).ok()?;
    match &*codec.replace(['_', ' '], "-") {
        "latin1" | "latin-1" | "iso-8859-1" | "iso8859-1" | "l1" => {
            let bytes: Option<Vec<u8>> = text
                .chars()
                .map(|character| u8::try_from(u32::from(character)).ok())
                .collect();
            Some(heap.bytes(&bytes?))
        }
        "utf-8" | "utf8" | "ascii" | "us-ascii" => Some(heap.bytes(text.as_bytes())),
        "rot13" | "rot-13" => {
            let turned = codecs::rot13(text);
            Some(heap.text(&turned))
        }
        _ => None,
    }
}

fn decode(heap: &mut Heap, bytes: &[u8], codec: &str) -> Option<Value> {
    match &*codec.replace(['_', ' '], "-") {
        "latin1" | "latin-1" | "iso-8859-1" | "iso8859-1" | "l1" => {
            let text: String = bytes.iter().copied().map(char::from).collect();
            Some(heap.text(&text))
        }
        "utf-8" | "utf8" | "ascii" | "us-ascii" => {
            std::str::from_utf8(bytes).ok().map(|text| heap.text(text))
        }
        "rot13" | "rot-13" => {
            let turned = codecs::rot13(std::str::from_utf8(bytes).ok()?);
            Some(heap.text(&turned))
        }
        "hex" | "hex-codec" => codecs::hex(bytes).map(|decoded| heap.bytes(&decoded)),
        "base64" | "base64-codec" => codecs::base64(bytes).map(|decoded| heap.bytes(&decoded)),
        "zlib" | "zlib-codec" | "zip" | "bz2" | "bz2-codec" => {
            codecs::decompressed(bytes).map(|unpacked| heap.bytes(&unpacked))
        }
        "unicode-escape" | "raw-unicode-escape" => {
            let text = super::operand::string(&[b"'", bytes, b"'"].concat())?;
            let text = super::operand::unicode(&text);
            Some(heap.text(&text))
        }
        "utf-16" | "utf-16-le" | "utf16" => {
            let (units, rest) = bytes.as_chunks::<2>();
            let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
            let text: String = char::decode_utf16(units)
                .collect::<Result<_, _>>()
                .ok()
                .filter(|_| rest.is_empty())?;
            let text = text.trim_start_matches('\u{feff}').to_owned();
            Some(heap.text(&text))
        }
        _ => None,
    }
}
