//! Keys are made by code from the patterns themselves, so that none stands in the tree.

use proptest::prelude::*;
use stance_core::fact::{Fact, SecretPlace};

use super::alphabet::Alphabet;
use super::pattern::{Check, PATTERNS, Part, Pattern, Start};
use super::{find, proof};
use crate::redact::redact;
use crate::{Bytes, Interests, Limits, Options, Report};

/// A sequence of numbers that looks random and is the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }
}

fn letters(alphabet: Alphabet) -> Vec<char> {
    let plain = match alphabet {
        // Separators only lead to other words; a value need not hold any.
        Alphabet::UrlSafe | Alphabet::Base64 | Alphabet::Entra | Alphabet::Any => Alphabet::Alnum,
        Alphabet::Hex => return "0123456789abcdef".chars().collect(),
        other => other,
    };
    (0..128_u8)
        .filter(|byte| plain.contains(*byte))
        .map(char::from)
        .collect()
}

fn attempt(pattern: &Pattern, chance: &mut Chance) -> String {
    let mut value = match pattern.start {
        Start::Prefix(prefix) => prefix.to_owned(),
        _ => String::new(),
    };
    for part in &pattern.body {
        match part {
            Part::Text(text) => value.push_str(text),
            Part::Run(alphabet, least, most) => {
                let letters = letters(*alphabet);
                let length = (*most).min(least + 40);
                let body: String = (0..length)
                    .map(|_| letters[chance.below(letters.len())])
                    .collect();
                value.push_str(&body);
            }
        }
    }
    let len = value.len();
    match (&pattern.start, pattern.check) {
        (Start::Within(inside), _) => value.replace_range(len / 2..len / 2 + inside.len(), inside),
        (_, Check::Has(inside)) => value.replace_range(len / 2..len / 2 + inside.len(), inside),
        (_, Check::Crc) => {
            let digits = proof::crc_digits(&value.as_bytes()[4..len - 6]);
            value.replace_range(len - 6.., std::str::from_utf8(&digits).unwrap());
        }
        (Start::Near(inside), Check::Entra) => value.replace_range(3..6, inside),
        _ => {}
    }
    value
}

/// A value of this pattern, as its vendor would draw it; none for those that code finds.
pub(crate) fn sample(pattern: &Pattern, seed: u64) -> Option<String> {
    if pattern.start == Start::Code {
        return None;
    }
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let fixed = match pattern.start {
        Start::Prefix(prefix) => prefix.len(),
        _ => 0,
    };
    // A draw in a thousand happens to spell a word; a vendor's own draws do as well.
    (0..50)
        .map(|_| attempt(pattern, &mut chance))
        .find(|value| proof::judge(pattern, value, fixed) == proof::Proof::Likely)
}

/// The value where people write it: behind the variable whose name tells whose it is.
fn line_with(pattern: &Pattern, value: &str) -> String {
    match &pattern.start {
        Start::Name(words) => {
            let word = words[0].to_ascii_uppercase().replace('-', "_");
            let word = word.trim_end_matches("_KEY").trim_end_matches("_API");
            if word.contains("TOKEN") || word.contains("SECRET") {
                format!("{word}_KEY={value}")
            } else {
                format!("{word}_API_KEY={value}")
            }
        }
        _ => format!("value = \"{value}\""),
    }
}

#[test]
fn every_pattern_finds_its_own_values() {
    for pattern in PATTERNS.iter() {
        for seed in 1..=8 {
            let Some(value) = sample(pattern, seed) else {
                assert_eq!(pattern.start, Start::Code, "{} makes no value", pattern.id);
                continue;
            };
            let text = format!("before\n{}\nafter", line_with(pattern, &value));
            let found = find(&text);
            let values: Vec<_> = found
                .iter()
                .map(|found| (found.pattern.id, &text[found.range.clone()], found.doubtful))
                .collect();
            assert_eq!(values, [(pattern.id, value.as_str(), false)], "{text}");
        }
    }
}

#[test]
fn a_value_inside_a_longer_word_is_another_thing() {
    for pattern in PATTERNS
        .iter()
        .filter(|p| matches!(p.start, Start::Prefix(_)))
    {
        let Some(value) = sample(pattern, 3) else {
            continue;
        };
        for text in [
            format!("x{value}"),
            format!("{value}…"),
            format!("{value}..."),
        ] {
            let same = find(&text)
                .iter()
                .any(|found| found.pattern.id == pattern.id);
            // What comes before an address or a setting belongs to neither.
            assert!(!same || value.contains(['/', '=']), "{text}");
        }
    }
}

#[test]
fn what_stands_for_a_key_is_none() {
    for text in [
        "ANTHROPIC_API_KEY=sk-ant-your_anthropic_api_key_here",
        "OPENAI_API_KEY=sk-your_openai_api_key_here",
        "LANGSMITH_API_KEY=lsv2_your_langsmith_api_key_here",
        "OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "OPENAI_API_KEY=sk-...",
        "OPENAI_API_KEY=${OPENAI_API_KEY}",
        "OPENAI_API_KEY: ${{ secrets.OPENAI_API_KEY }}",
        "api_key=\"sk-1234567890abcdef1234567890abcdef\"",
        "MISTRAL_API_KEY=abcdefghijklmnopqrstuvwxyz123456",
        "COHERE_API_KEY=<YOUR_COHERE_KEY_GOES_IN_THIS_PLACE_1234>",
        "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "HF_TOKEN=hf_your_token_goes_here_please_replace",
        "postgres://postgres:postgres@localhost:5432/app",
        "postgresql://user:password@db.example.com/app",
        "postgres://app:${DB_PASSWORD}@db.internal.corp/app",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "DEEPGRAM_API_KEY: my_deepgram_secret_name_in_the_vault_12",
        "GOOGLE_APPLICATION_CREDENTIALS=/home/u/keys/service-account-1234.json",
        "wandb_run = \"da39a3ee5e6b4b0d3255bfef95601890afd80709\"",
        "cohere_commit_sha = \"da39a3ee5e6b4b0d3255bfef95601890afd80709\"",
    ] {
        let found = find(text);
        assert!(found.is_empty(), "{text}: {}", found[0].pattern.id);
    }
}

#[test]
fn a_wrong_checksum_makes_a_token_doubtful() {
    let pattern = super::pattern("github-token").unwrap();
    let mut value = sample(pattern, 5).unwrap();
    let last = if value.ends_with('a') { "b" } else { "a" };
    value.replace_range(value.len() - 1.., last);
    assert!(find(&value)[0].doubtful);
}

#[test]
fn one_form_of_several_vendors_is_told_by_its_name() {
    let value = sample(super::pattern("openai-style-hex-key").unwrap(), 2).unwrap();
    for (text, vendor) in [
        (format!("key = '{value}'"), "unknown"),
        (format!("DEEPSEEK_API_KEY={value}"), "deepseek"),
        (format!("MOONSHOT_API_KEY={value}"), "moonshot"),
        (format!("client = DeepSeek(api_key='{value}')"), "deepseek"),
    ] {
        assert_eq!(find(&text)[0].vendor, vendor, "{text}");
    }
}

fn private_key(newline: &str) -> String {
    let mut chance = Chance(77);
    let letters = letters(Alphabet::Alnum);
    let mut key = format!("-----BEGIN {}PRIVATE KEY-----", "RSA ");
    for _ in 0..12 {
        key.push_str(newline);
        key.extend((0..64).map(|_| letters[chance.below(letters.len())]));
    }
    format!("{key}{newline}-----END RSA PRIVATE KEY-----{newline}")
}

#[test]
fn private_keys_are_found_as_blocks_and_in_json() {
    let text = private_key("\n");
    assert_eq!(find(&text)[0].pattern.id, "private-key");
    let json = format!(
        "{{\"type\": \"service_account\", \"private_key_id\": \"x\", \"private_key\": \"{}\"}}",
        private_key("\\n")
    );
    let found = find(&json);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].pattern.id, "gcp-service-account-key");
    assert!(!redact(&json).contains(&json[200..260]));
}

#[test]
fn a_secret_key_of_aws_is_told_by_any_of_its_names() {
    let value = sample(super::pattern("aws-secret-key").unwrap(), 4).unwrap();
    let value = format!("{}/{}+{}", &value[..12], &value[13..26], &value[27..]);
    for text in [
        format!("\"secretAccessKey\" : \"{value}\"\nregion = us-east-1"),
        format!("foo.aws.secretkey={value}"),
        format!("'\\\"awsSecretKey\\\":\\\"{value}\\\"'"),
        format!("aws_secret_access_key = {value}"),
    ] {
        let found = find(&text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].pattern.id, "aws-secret-key");
    }
}

#[test]
fn the_key_id_in_a_signed_address_is_public() {
    let value = sample(super::pattern("aws-access-key").unwrap(), 4).unwrap();
    assert!(find(&format!("https://x/?X-Amz-Credential={value}%2F2024")).is_empty());
    assert_eq!(find(&format!("AWS_ACCESS_KEY_ID={value}")).len(), 1);
}

#[test]
fn passwords_in_addresses_of_real_hosts_are_found() {
    // Put together, so that no such address stands in the tree.
    let password = ["k7Rm2", "pQz9w"].concat();
    let address = format!("postgresql+asyncpg://app:{password}@db.prod.acme.io:5432/app");
    let found = find(&format!("DATABASE_URL={address}"));
    assert_eq!(found[0].pattern.id, "url-password");
}

fn scan(path: &str, content: &str) -> Report {
    let interests = Interests::default();
    let options = Options {
        limits: Limits {
            text: 1 << 20,
            ..Limits::default()
        },
        hash: false,
        interests: &interests,
        parsers: crate::PARSERS,
    };
    crate::scan(path, &Bytes(content.as_bytes()), &options)
}

fn secrets(report: &Report) -> Vec<(&'static str, SecretPlace, u32)> {
    let secret = |fact: &Fact| match fact {
        Fact::Secret(secret) => Some((
            secret.pattern,
            secret.place,
            secret.evidence.locus.line().unwrap(),
        )),
        _ => None,
    };
    report
        .facts
        .iter()
        .filter_map(|(_, fact)| secret(fact))
        .collect()
}

#[test]
fn the_place_tells_notebook_cells_and_variables_apart() {
    let value = sample(super::pattern("groq-api-key").unwrap(), 1).unwrap();
    let notebook = format!(
        "{{\"cells\": [{{\"cell_type\": \"code\", \"metadata\": {{}},\n\"outputs\": [{{\"metadata\": {{}}, \"text\": [\"\\\"source\\\": {value}\\n\"]}}],\n\"source\": [\"key = '{value}'\"]}}]}}"
    );
    let report = scan("a.ipynb", &notebook);
    assert_eq!(
        secrets(&report),
        [
            ("groq-api-key", SecretPlace::NotebookOutput, 2),
            ("groq-api-key", SecretPlace::NotebookSource, 3)
        ]
    );
    let variables = format!("GROQ_API_KEY={value}\n");
    assert_eq!(secrets(&scan(".env", &variables))[0].1, SecretPlace::DotEnv);
    assert_eq!(
        secrets(&scan(".env.example", &variables))[0].1,
        SecretPlace::Text
    );
    assert_eq!(secrets(&scan("a.py", &variables))[0].1, SecretPlace::Text);
}

#[test]
fn a_text_beyond_the_limit_is_looked_through_in_windows() {
    let value = sample(super::pattern("groq-api-key").unwrap(), 1).unwrap();
    let mut text = String::new();
    let mut lines = Vec::new();
    for number in 1..=120_000_u32 {
        if number % 20_000 == 7 {
            text.push_str(&format!("key = {value}\n"));
            lines.push(number);
        } else {
            text.push_str("a line that is sixty-three characters long, as many lines are.\n");
        }
    }
    assert!(text.len() > 4 << 20);
    let found: Vec<u32> = secrets(&scan("a.log", &text)).iter().map(|s| s.2).collect();
    assert_eq!(found, lines);
}

#[test]
fn no_fact_holds_a_value_whole() {
    let value = sample(super::pattern("openai-project-key").unwrap(), 1).unwrap();
    let report = scan(
        "deploy.yaml",
        &format!("- name: OPENAI_API_KEY\n  value: {value}\n"),
    );
    let json = serde_json::to_string(&report.facts[0].1).unwrap();
    assert!(!json.contains(&value[12..30]), "{json}");
}

/// Texts made to be slow: what begins again and again, and never ends.
#[test]
fn hostile_texts_take_time_that_grows_with_their_length() {
    let pieces = [
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN ",
        "aaaaaaaaaaaaaaa1.",
        "token=",
        "password='",
        "eyJ",
        "://a:b",
        "sk-",
        "Q~",
        "KEY=aaaaaaaaaaaaaaaaaaaaaa1",
    ];
    // A minute of quadratic time would show; this takes a second even unoptimised.
    for piece in pieces {
        let text = piece.repeat((1 << 18) / piece.len());
        let _ = find(&text);
        let _ = redact(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_secret_survives_redaction(
        index in 0..200_usize,
        seed in 1..u64::MAX,
        before in "[ a-zA-Z0-9_(=:\"'é\\n]{0,40}",
        after in "[ )\"',;\\n]([ a-zA-Z0-9_(=:\"'é\\n]{0,40})",
    ) {
        let pattern = &PATTERNS[index % PATTERNS.len()];
        if let Some(value) = sample(pattern, seed) {
            let text = format!("{before}\n{}{after}", line_with(pattern, &value));
            let shown = redact(&text);
            prop_assert!(!shown.contains(&value), "{shown}");
            let tail = &value[value.len() - 12..];
            prop_assert!(!shown.contains(tail), "{shown}");
            prop_assert_eq!(&redact(&shown), &shown);
        }
    }

    #[test]
    fn any_text_is_looked_at_without_a_panic(text in "(.|\\n|sk-|://|-----BEGIN |_KEY=|\\\\n|Q~|:AA){0,60}") {
        for found in find(&text) {
            prop_assert!(text.get(found.range).is_some());
        }
        let _ = redact(&text);
    }
}

/// A text of the table with values put in; `None` where a part that it wants cannot be made.
fn filled(template: &str, pattern: &Pattern, seed: u64) -> Option<String> {
    let key = sample(pattern, seed)?;
    let fixed = match pattern.start {
        Start::Prefix(prefix) => prefix.len(),
        _ => 0,
    };
    // Below the least length, whatever part is the longest.
    let short = &key[..fixed + (key.len() - fixed) / 4];
    let same = format!("{}{}", &key[..fixed], "a".repeat(key.len() - fixed));
    Some(
        template
            .replace("{key}", &key)
            .replace("{short}", short)
            .replace("{same}", &same),
    )
}

#[test]
fn every_rule_finds_its_examples_and_leaves_its_counter_examples() {
    for (rule, pattern) in super::pattern::rules().iter().zip(PATTERNS.iter()) {
        if pattern.start == Start::Code {
            continue;
        }
        assert!(
            !rule.examples.is_empty() && !rule.counter_examples.is_empty(),
            "{}",
            pattern.id
        );
        for (seed, template) in (1..).zip(&rule.examples) {
            let Some(text) = filled(template, pattern, seed) else {
                continue;
            };
            let found = find(&text);
            assert_eq!(found.len(), 1, "{}: {template} {found:?}", pattern.id);
        }
        for (seed, template) in (1..).zip(&rule.counter_examples) {
            let Some(text) = filled(template, pattern, seed) else {
                continue;
            };
            let found = find(&text);
            assert!(
                found.iter().all(|one| one.pattern.id != pattern.id),
                "{}: {template}",
                pattern.id
            );
        }
    }
}

#[test]
fn every_occurrence_is_told() {
    let pattern = PATTERNS.iter().find(|it| it.id == "groq-api-key").unwrap();
    let key = sample(pattern, 5).unwrap();
    let text = format!("a = \"{key}\"\nb = \"{key}\"\n");
    assert_eq!(find(&text).len(), 2);
}
