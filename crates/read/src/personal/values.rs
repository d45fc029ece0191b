//! Values in a text: addresses of mail, and numbers of persons and accounts.

use std::collections::BTreeMap;

use super::numbers::{
    is_aadhaar, is_card, is_chinese_id, is_codice_fiscale, is_cpf, is_dni, is_iban, is_pesel,
    is_ssn,
};

/// Longest number with its signs.
const LONGEST: usize = 26;
/// Most different values of one class that are told apart.
const DIFFERENT: usize = 4096;

/// How often values of a class were seen.
#[derive(Debug, Default)]
struct Seen<'t> {
    count: u64,
    different: std::collections::BTreeSet<&'t str>,
    /// How many have the form, whether or not they pass its check.
    formed: u64,
}

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Values<'t>(BTreeMap<&'static str, Seen<'t>>);

impl<'t> Values<'t> {
    /// Looks at one part of a file.
    pub(super) fn look(&mut self, text: &'t str) {
        self.mail(text);
        self.words(text);
    }

    /// What is certain, with how often it was seen.
    pub(super) fn certain(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().filter_map(|(class, seen)| {
            let (least, share) = match *class {
                // Without a check, or with a weak one, a few more are wanted.
                "email addresses" | "phone numbers" => (3, 0),
                "payment card numbers" => (2, 50),
                "personal identity numbers (US)" => (3, 90),
                "personal identity numbers (PL)" | "personal identity numbers (ES)" => (3, 80),
                "personal identity numbers (BR)" | "personal identity numbers (IN)" => (2, 80),
                _ => (2, 50),
            };
            let passes = seen.count.saturating_mul(100) >= seen.formed.saturating_mul(share);
            (seen.different.len() >= least && passes).then_some((*class, seen.count))
        })
    }

    fn add(&mut self, class: &'static str, value: &'t str, holds: bool) {
        let seen = self.0.entry(class).or_default();
        seen.formed = seen.formed.saturating_add(1);
        if holds {
            seen.count = seen.count.saturating_add(1);
            if seen.different.len() < DIFFERENT {
                seen.different.insert(value);
            }
        }
    }

    fn mail(&mut self, text: &'t str) {
        let bytes = text.as_bytes();
        for at in memchr::memchr_iter(b'@', bytes) {
            let before = bytes.get(at.saturating_sub(64)..at).unwrap_or_default();
            let local = before
                .iter()
                .rev()
                .take_while(|byte| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte))
                .count();
            let after = bytes.get(at.saturating_add(1)..).unwrap_or_default();
            let domain = after
                .iter()
                .take(120)
                .take_while(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte))
                .count();
            let start = at.saturating_sub(local);
            let end = at.saturating_add(1).saturating_add(domain);
            let behind = start.checked_sub(1).and_then(|at| bytes.get(at));
            let value = text
                .get(start..end)
                .unwrap_or_default()
                .trim_end_matches('.');
            // `https://user@host`, `git@host:path`
            let address = matches!(behind, Some(b'/' | b':')) || bytes.get(end) == Some(&b':');
            if !address && is_personal(value) {
                self.add("email addresses", value, true);
            }
        }
    }

    fn words(&mut self, text: &'t str) {
        let bytes = text.as_bytes();
        let mut at = 0_usize;
        while let Some(byte) = bytes.get(at).copied() {
            let begins =
                byte.is_ascii_digit() || byte.is_ascii_uppercase() || matches!(byte, b'+' | b'(');
            let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied();
            let apart = !before
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-._/#@=+&".contains(&byte));
            if !begins || !apart {
                at = at.saturating_add(1);
                continue;
            }
            if byte.is_ascii_uppercase() {
                let length = self.lettered(text, at);
                at = at.saturating_add(length.max(1));
                continue;
            }
            let rest = bytes.get(at..).unwrap_or_default();
            let length = rest
                .iter()
                .take(LONGEST.saturating_add(1))
                .take_while(|byte| byte.is_ascii_digit() || b" -.()+".contains(byte))
                .count();
            let raw = text.get(at..at.saturating_add(length)).unwrap_or_default();
            let raw = raw.trim_end_matches([' ', '-', '.', '(', ')', '+']);
            let next = bytes.get(at.saturating_add(raw.len())).copied();
            let ends =
                !next.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_/@=".contains(&byte));
            // Eight digits and a letter, seventeen and an X.
            let letter = next.is_some_and(|byte| byte.is_ascii_uppercase())
                && raw.bytes().all(|byte| byte.is_ascii_digit());
            if letter {
                let end = at.saturating_add(raw.len()).saturating_add(1);
                let word = text.get(at..end).unwrap_or_default();
                let alone = !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
                match (raw.len(), alone) {
                    (8, true) => self.add("personal identity numbers (ES)", word, is_dni(word)),
                    (17, true) if word.ends_with('X') => {
                        self.add("personal identity numbers (CN)", word, is_chinese_id(word));
                    }
                    _ => {}
                }
            } else if ends && raw.len() <= LONGEST {
                self.number(raw);
            }
            at = at.saturating_add(raw.len().max(1));
        }
    }

    /// A word that begins with a capital; gives its length.
    fn lettered(&mut self, text: &'t str, at: usize) -> usize {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let length = rest
            .iter()
            .take(40)
            .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            .count();
        let alone = !rest
            .get(length)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let word = text.get(at..at.saturating_add(length)).unwrap_or_default();
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        if alone && length == 16 && digits == 7 && is_codice_fiscale(word) {
            self.add("personal identity numbers (IT)", word, true);
        } else if alone && digits >= 10 && (15..=34).contains(&length) && is_iban(word) {
            self.add("bank account numbers", word, true);
        } else if alone && length == 9 && digits == 7 && word.starts_with(['X', 'Y', 'Z']) {
            self.add("personal identity numbers (ES)", word, is_dni(word));
        }
        length
    }

    fn number(&mut self, raw: &'t str) {
        let digits: Vec<u8> = raw
            .bytes()
            .filter(u8::is_ascii_digit)
            .map(|byte| byte.saturating_sub(b'0'))
            .collect();
        let shape: String = raw
            .chars()
            .map(|it| if it.is_ascii_digit() { '0' } else { it })
            .collect();
        match shape.as_str() {
            "000-00-0000" => self.add("personal identity numbers (US)", raw, is_ssn(&digits)),
            "000.000.000-00" => self.add("personal identity numbers (BR)", raw, is_cpf(&digits)),
            "0000 0000 0000" => {
                self.add("personal identity numbers (IN)", raw, is_aadhaar(&digits));
            }
            "00000000000" => self.add("personal identity numbers (PL)", raw, is_pesel(&digits)),
            "000000000000000000" => {
                self.add("personal identity numbers (CN)", raw, is_chinese_id(raw));
            }
            "0000000000000000"
            | "000000000000000"
            | "0000000000000"
            | "0000 0000 0000 0000"
            | "0000-0000-0000-0000"
            | "0000 000000 00000"
            | "0000-000000-00000" => {
                self.add("payment card numbers", raw, is_card(&digits));
            }
            "(000) 000-0000" | "(000)000-0000" | "000-000-0000" | "000.000.0000" => {
                if is_north_american(&digits) {
                    self.add("phone numbers", raw, true);
                }
            }
            _ => {
                let international = raw.starts_with('+')
                    && (8..=15).contains(&digits.len())
                    && digits.first().is_some_and(|first| *first > 0)
                    && !shape.get(1..).is_some_and(|rest| rest.contains('+'))
                    // One point alone makes it a number like any other.
                    && shape.matches('.').count() != 1;
                let varied = digits
                    .windows(2)
                    .filter(|pair| pair.first() != pair.last())
                    .count()
                    > 3;
                if international && varied {
                    self.add("phone numbers", raw, true);
                }
            }
        }
    }
}

/// Whether a number of ten digits may be one of a telephone in North America, and none of those kept for fiction.
fn is_north_american(digits: &[u8]) -> bool {
    let digit = |at: usize| digits.get(at).copied().unwrap_or_default();
    let number = |from: usize| {
        let part = digits.get(from..from.saturating_add(3)).unwrap_or_default();
        part.iter().fold(0_u32, |sum, digit| {
            sum.saturating_mul(10).saturating_add(u32::from(*digit))
        })
    };
    digits.len() == 10 && digit(0) > 1 && digit(3) > 1 && number(0) != 555 && number(3) != 555
}

/// Whether an address is that of a person, rather than of a role, an example, or none at all.
fn is_personal(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return false;
    };
    let domain = domain.to_ascii_lowercase();
    let local = local.to_ascii_lowercase();
    let Some((name, end)) = domain.rsplit_once('.') else {
        return false;
    };
    let file = matches!(
        end,
        "png"
            | "jpg"
            | "jpeg"
            | "gif"
            | "svg"
            | "webp"
            | "js"
            | "ts"
            | "css"
            | "json"
            | "py"
            | "md"
            | "html"
    );
    let made_up = matches!(end, "test" | "example" | "invalid" | "localhost" | "local")
        || [
            "example",
            "domain",
            "email",
            "test",
            "yourdomain",
            "company",
            "users.noreply.github",
        ]
        .contains(&name.rsplit_once('.').map_or(name, |(_, last)| last))
        || domain.ends_with("example.co.uk")
        || domain.contains("noreply.github.com");
    let role = [
        "noreply",
        "no-reply",
        "donotreply",
        "info",
        "support",
        "contact",
        "sales",
        "hello",
        "admin",
        "webmaster",
        "postmaster",
        "help",
        "office",
        "team",
        "press",
        "security",
        "abuse",
        "privacy",
        "git",
        "user",
        "username",
        "you",
        "name",
        "email",
        "test",
        "example",
    ]
    .contains(&local.as_str());
    !file
        && !made_up
        && !role
        && !local.is_empty()
        && !local.starts_with('.')
        && !name.is_empty()
        && !name.starts_with(['.', '-'])
        && (2..=24).contains(&end.len())
        && end.bytes().all(|byte| byte.is_ascii_alphabetic())
}
