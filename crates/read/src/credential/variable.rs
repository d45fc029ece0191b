//! What the name of an environment variable tells about a secret in it. All languages and formats ask here.

use super::name::names_credential;

/// How variables end that hold a secret beside what [`names_credential`] knows.
const ENDS: [&str; 5] = [
    "_CONNECTION_STRING",
    "_CONN_STRING",
    "_CONNECTIONSTRING",
    "_CREDENTIALS",
    "_ACCESS_KEY_ID",
];

/// Last words of keys whose name goes on: `BRAVE_API_KEY_BASE_DATA` is a key, `OPENAI_API_KEY_NAME` tells of one.
const PAYLOADS: [&str; 5] = ["BASE", "DATA", "JSON", "BASE64", "VALUE"];

/// Words before `TOKEN` of tokens that texts are made of, and of pages.
const TOKENS_OF_TEXT: [&str; 12] = [
    "BOS",
    "CLS",
    "CONTINUATION",
    "EOS",
    "MASK",
    "NEW",
    "NEXT",
    "PAD",
    "PER",
    "SEP",
    "SPECIAL",
    "UNK",
];

/// Words before `KEY` of keys that lead to an entry.
const KEYS_OF_ENTRIES: [&str; 16] = [
    "BLOB",
    "BUCKET",
    "COMPOUND",
    "CONFIG",
    "DISMISSED",
    "FEATURE",
    "FEEDBACK",
    "FILE",
    "INDEX",
    "LOCAL",
    "OBJECT",
    "QUERY",
    "S3",
    "STATE",
    "STORAGE",
    "USER",
];

/// How variables end that hold what a program signs, encrypts or lets its own users in with.
const OWN: [&str; 16] = [
    "ANON_KEY",
    "APP_KEY",
    "APP_SECRET",
    "AUTH_KEY",
    "AUTH_SECRET",
    "COOKIE_SECRET",
    "CSRF_SECRET",
    "ENCRYPTION_KEY",
    "JWT_SECRET",
    "JWT_SECRET_KEY",
    "JWT_KEY",
    "SECRET_KEY_BASE",
    "SESSION_SECRET",
    "SIGNING_KEY",
    "WEBHOOK_SECRET",
    "NEXTAUTH_SECRET",
];

/// Words of what programs are built, handed out and reported with, and of what is no service of data.
const ELSEWHERE: [&str; 34] = [
    "ADMIN",
    "ABLY",
    "APPLICATIONINSIGHTS",
    "APPINSIGHTS",
    "CHROMATIC",
    "CODECOV",
    "COOKIE",
    "CRATES",
    "DATABASE",
    "DB",
    "DOCKER",
    "DOCKERHUB",
    "DJANGO",
    "EMAIL",
    "GPG",
    "KEYSTORE",
    "MAIL",
    "MAILGUN",
    "MAVEN",
    "MEMCACHED",
    "MYSQL",
    "NPM",
    "NUGET",
    "OSSRH",
    "POSTMARK",
    "PUBLIC",
    "PUBLISHABLE",
    "PUSHER",
    "PYPI",
    "SENDGRID",
    "SES",
    "SMTP",
    "SONAR",
    "SSH",
];

/// Words that say what a secret is, and not whose.
const GENERAL: [&str; 14] = [
    "ACCESS", "API", "AUTH", "BASIC", "BEARER", "CLIENT", "ID", "KEY", "MY", "PASSWORD", "SECRET",
    "TOKEN", "USER", "VALUE",
];

/// Whether a variable says by its name that it holds a secret: `OPENAI_API_KEY`, `NEO4J_PASSWORD`, `GITHUB_PAT`,
/// `BRAVE_API_KEY_BASE_DATA`, but neither `EOS_TOKEN` nor `API_KEY_FILE`.
#[must_use]
pub fn is_secret_variable(name: &str) -> bool {
    let spelled = name
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    let begins = name.starts_with(|first: char| first.is_ascii_uppercase());
    if !spelled || !begins || !name.contains('_') || name.len() > 100 {
        return false;
    }
    if ENDS
        .iter()
        .any(|end| name.len() > end.len() && name.ends_with(end))
    {
        return true;
    }
    // The address of a database of theirs holds who asks and their password.
    if name.starts_with("MONGO") && (name.ends_with("_URI") || name.ends_with("_URL")) {
        return true;
    }
    let mut words = name.split('_').rev();
    let (last, before) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    if last == "TOKEN" && TOKENS_OF_TEXT.contains(&before)
        || last == "KEY" && KEYS_OF_ENTRIES.contains(&before)
    {
        return false;
    }
    names_credential(name)
        || PAYLOADS.contains(&last)
            && (name.contains("_API_KEY_") || name.contains("_CREDENTIALS_"))
}

/// Whether such a variable opens somebody's service, as far as its name tells: neither what a program signs its own
/// sessions with nor what it is built, published and mailed with.
#[must_use]
pub fn opens_a_service(name: &str) -> bool {
    let own = || {
        OWN.iter()
            .any(|end| name == *end || name.ends_with(end) && ends_a_word(name, end))
    };
    let alone = || name.split('_').all(|word| GENERAL.contains(&word));
    // The key of a vendor is one wherever it is shown.
    let api_key = name.len() > "_API_KEY".len() && name.ends_with("_API_KEY");
    let elsewhere = || !api_key && name.split('_').any(|word| ELSEWHERE.contains(&word));
    is_secret_variable(name) && !alone() && !own() && !elsewhere()
}

/// Whether what stands before an ending is a word of its own.
fn ends_a_word(name: &str, end: &str) -> bool {
    name.strip_suffix(end)
        .is_some_and(|before| before.is_empty() || before.ends_with('_') || end.starts_with("AUTH"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_says_whether_it_holds_a_secret() {
        for name in [
            "BAWS_SECRET_ACCESS_KEY",
            "GOOGLE_CLIENT_SECRET",
            "BRAVE_API_KEY_BASE_DATA",
            "SLACK_BOT_TOKEN",
            "NEO4J_PASSWORD",
            "AZURE_STORAGE_CONNECTION_STRING",
            "AZURE_DEVOPS_PAT",
            "OPENAI_APIKEY",
            "GOOGLE_CX_KEY",
            "SPACES_ACCESS_KEY_ID",
            "PROVIDER_API_KEY_2",
        ] {
            assert!(is_secret_variable(name) && opens_a_service(name), "{name}");
        }
        for name in [
            "EOS_TOKEN",
            "MAX_TOKENS",
            "COST_PER_TOKEN",
            "INPUT_OBJECT_KEY",
            "OPENAI_API_KEY_NAME",
            "OPENAI_API_KEY_FILE",
            "openai_api_key",
            "PASSWORD",
            "PRIMARY_KEY",
        ] {
            assert!(!is_secret_variable(name), "{name}");
        }
    }

    #[test]
    fn what_a_program_signs_and_is_built_with_opens_no_service() {
        for name in [
            "NEXTAUTH_SECRET",
            "GUEST_SIGNING_KEY",
            "SUPABASE_EU_ANON_KEY",
            "SESSION_SECRET",
            "NPM_TOKEN",
            "SECRET_VALUE",
            "CLIENT_SECRET",
            "MAIL_PASSWORD",
            "NEXT_PUBLIC_SEGMENT_WRITE_KEY",
        ] {
            assert!(is_secret_variable(name) && !opens_a_service(name), "{name}");
        }
        assert!(opens_a_service("NEXT_PUBLIC_PYLON_API_KEY"));
    }
}
