//! The one table of AI vendors: what they are called, where they answer, which
//! environment variables hold their keys, which packages are theirs.

use std::collections::HashMap;
use std::sync::LazyLock;

use stance_core::fact::Ecosystem;

/// An organisation whose AI service, model or platform is used.
#[derive(Debug)]
pub struct Vendor {
    /// Short key, as assets carry it: `openai`.
    pub key: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Domains at which it answers; their subdomains count as well.
    pub domains: Vec<&'static str>,
    /// Environment variables that by convention hold a credential for it.
    pub variables: Vec<&'static str>,
    /// Its Python packages, and those that only serve to call it.
    pub pypi: Vec<&'static str>,
    /// The same for JavaScript.
    pub npm: Vec<&'static str>,
}

/// Variables that programs of any kind use; they say nothing about AI by themselves.
const COMMON: [&str; 15] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_API_KEY",
    "AZURE_CLIENT_SECRET",
    "CLOUDFLARE_API_KEY",
    "CLOUDFLARE_API_TOKEN",
    "GH_TOKEN",
    "GITHUB_PAT",
    "GITHUB_PERSONAL_ACCESS_TOKEN",
    "GITHUB_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_APPLICATION_CREDENTIALS_JSON",
    "POSTHOG_API_KEY",
    "SNOWFLAKE_PASSWORD",
];

struct Table {
    vendors: Vec<Vendor>,
    by_key: HashMap<&'static str, usize>,
    by_variable: HashMap<&'static str, usize>,
    by_domain: HashMap<&'static str, usize>,
    by_package: HashMap<(Ecosystem, &'static str), usize>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let vendors: Vec<Vendor> = include_str!("../tables/vendors.tsv")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let mut fields = line.split('\t');
            let mut text = || fields.next().unwrap_or_default();
            let (key, title) = (text(), text());
            let mut list = || text().split(' ').filter(|word| !word.is_empty()).collect();
            Vendor {
                key,
                title,
                domains: list(),
                variables: list(),
                pypi: list(),
                npm: list(),
            }
        })
        .collect();
    let index = |names: fn(&Vendor) -> &[&'static str]| {
        let mut found = HashMap::new();
        for (position, vendor) in vendors.iter().enumerate() {
            for name in names(vendor) {
                found.insert(*name, position);
            }
        }
        found
    };
    let mut by_package = HashMap::new();
    for (position, vendor) in vendors.iter().enumerate() {
        for name in &vendor.pypi {
            by_package.insert((Ecosystem::Pypi, *name), position);
        }
        for name in &vendor.npm {
            by_package.insert((Ecosystem::Npm, *name), position);
        }
    }
    Table {
        by_key: vendors
            .iter()
            .enumerate()
            .map(|(position, vendor)| (vendor.key, position))
            .collect(),
        by_variable: index(|vendor| &vendor.variables),
        by_domain: index(|vendor| &vendor.domains),
        by_package,
        vendors,
    }
});

/// Every vendor, in order of key.
#[must_use]
pub fn all() -> &'static [Vendor] {
    &TABLE.vendors
}

/// The vendor with this key.
#[must_use]
pub fn find(key: &str) -> Option<&'static Vendor> {
    TABLE.vendors.get(*TABLE.by_key.get(key)?)
}

/// The vendor whose credential an environment variable holds by convention. The prefixes that
/// web frameworks put in front of a variable (`NEXT_PUBLIC_`, `VITE_`, …) are looked through.
#[must_use]
pub fn of_variable(name: &str) -> Option<&'static Vendor> {
    const PREFIXES: [&str; 6] = [
        "NEXT_PUBLIC_",
        "VITE_",
        "REACT_APP_",
        "NUXT_PUBLIC_",
        "PUBLIC_",
        "EXPO_PUBLIC_",
    ];
    let plain = PREFIXES
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
    let found = TABLE.by_variable.get(plain).or_else(|| {
        // Several keys in one variable.
        let one = plain.strip_suffix('S')?;
        TABLE.by_variable.get(one).filter(|_| one.ends_with("_KEY"))
    });
    if let Some(position) = found {
        return TABLE.vendors.get(*position);
    }
    of_token(plain).or_else(|| of_own_variable(plain))
}

/// Whether programs of any kind use this variable, so that it says nothing about AI by itself.
#[must_use]
pub fn is_common(name: &str) -> bool {
    COMMON.contains(&name)
}

/// Services for which people sign in, as variables of their tokens begin, and whose they are.
const SERVICES: &[(&str, &str)] = &[
    ("ANTHROPIC", "anthropic"),
    ("CHATGPT", "openai"),
    ("CLAUDE", "anthropic"),
    ("CLAUDE_AI", "anthropic"),
    ("CLAUDE_CODE", "anthropic"),
    ("CODEX", "openai"),
    ("COPILOT", "github"),
    ("CURSOR", "cursor"),
    ("GEMINI", "google"),
    ("GEMINI_CLI", "google"),
    ("GITHUB_COPILOT", "github"),
    ("HF", "huggingface"),
    ("HUGGINGFACE", "huggingface"),
    ("KIMI", "moonshot"),
    ("OPENAI", "openai"),
    ("QWEN", "alibaba"),
    ("WINDSURF", "windsurf"),
];

/// How variables end that hold the token of somebody who signed in.
const TOKENS: &[&str] = &[
    "_OAUTH_TOKEN",
    "_OAUTH_ACCESS_TOKEN",
    "_OAUTH_REFRESH_TOKEN",
    "_OAUTH_CLIENT_SECRET",
    "_ACCESS_TOKEN",
    "_REFRESH_TOKEN",
    "_AUTH_TOKEN",
    "_SESSION_TOKEN",
    "_SESSION_KEY",
];

/// `CODEX_ACCESS_TOKEN`, `GEMINI_OAUTH_TOKEN`
fn of_token(name: &str) -> Option<&'static Vendor> {
    let service = TOKENS.iter().find_map(|end| name.strip_suffix(end))?;
    let (_, vendor) = SERVICES.iter().find(|(word, _)| *word == service)?;
    find(vendor)
}

/// Vendors of much more than AI: of theirs only the conventional names themselves say something.
const BROAD: [&str; 8] = [
    "aws",
    "azure",
    "cloudflare",
    "databricks",
    "github",
    "google",
    "posthog",
    "snowflake",
];

/// The same with words of the program before or a number behind: `PROD_OPENAI_API_KEY`, `OPENAI_API_KEY_2`.
fn of_own_variable(name: &str) -> Option<&'static Vendor> {
    // `Your_MISTRAL_API_KEY` asks for one.
    if name.bytes().any(|byte| byte.is_ascii_lowercase()) || name.starts_with("YOUR_") {
        return None;
    }
    let numbered = name.trim_end_matches(|it: char| it.is_ascii_digit());
    let plain = match numbered.strip_suffix('_') {
        Some(plain) if numbered.len() < name.len() => plain,
        _ => name,
    };
    let starts = plain.match_indices('_').map(|(at, _)| at.saturating_add(1));
    let mut ends = [0]
        .into_iter()
        .chain(starts)
        .filter_map(|at| plain.get(at..));
    let found = ends.find_map(|end| {
        // `X_API_KEY` says by its last words alone nothing of who `X` is.
        let telling = end.ends_with("_API_KEY") || end.ends_with("_API_TOKEN");
        TABLE.by_variable.get(end).filter(|_| telling)
    })?;
    let vendor = TABLE.vendors.get(*found)?;
    (!BROAD.contains(&vendor.key)).then_some(vendor)
}

/// The vendor behind a host name.
#[must_use]
pub fn of_host(host: &str) -> Option<&'static Vendor> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let mut rest = host.as_str();
    loop {
        if let Some(position) = TABLE.by_domain.get(rest) {
            return TABLE.vendors.get(*position);
        }
        (_, rest) = rest.split_once('.')?;
    }
}

/// The vendor that a package serves to call; `name` is normalised.
#[must_use]
pub fn of_package(ecosystem: Ecosystem, name: &str) -> Option<&'static Vendor> {
    TABLE
        .vendors
        .get(*TABLE.by_package.get(&(ecosystem, name))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_sorted() {
        let keys: Vec<&str> = all().iter().map(|vendor| vendor.key).collect();
        assert!(keys.is_sorted());
        assert!(all().iter().all(|vendor| !vendor.title.is_empty()));
        let variables = all().iter().map(|vendor| vendor.variables.len());
        assert_eq!(variables.sum::<usize>(), TABLE.by_variable.len());
    }

    #[test]
    fn a_vendor_is_known_by_variable_host_and_package() {
        assert_eq!(of_variable("OPENAI_API_KEY").unwrap().key, "openai");
        assert_eq!(of_variable("NEXT_PUBLIC_GROQ_API_KEY").unwrap().key, "groq");
        assert_eq!(of_variable("OPENAI_API_KEYS").unwrap().key, "openai");
        assert!(of_variable("PYLON_API_KEY").is_none());
        let key = |name: &str| of_variable(name).map(|vendor| vendor.key);
        assert_eq!(key("CODEX_ACCESS_TOKEN"), Some("openai"));
        assert_eq!(key("GEMINI_OAUTH_TOKEN"), Some("google"));
        assert_eq!(key("PROD_OPENAI_API_KEY"), Some("openai"));
        assert_eq!(key("OPENAI_API_KEY_2"), Some("openai"));
        for other in [
            "GOOGLE_OAUTH_TOKEN",
            "MY_GITHUB_TOKEN",
            "SLACK_ACCESS_TOKEN",
            "XOPENAI_API_KEY",
            "APP_GOOGLE_API_KEY",
            "OPENAI_API_KEY_NAME",
            "Your_MISTRAL_API_KEY",
        ] {
            assert_eq!(key(other), None, "{other}");
        }
        assert_eq!(of_host("api.anthropic.com").unwrap().key, "anthropic");
        assert_eq!(of_host("My-Org.OpenAI.Azure.com").unwrap().key, "azure");
        assert!(of_host("notopenai.com").is_none());
        let npm = of_package(Ecosystem::Npm, "@ai-sdk/groq");
        assert_eq!(npm.unwrap().key, "groq");
        assert!(of_package(Ecosystem::Pypi, "@ai-sdk/groq").is_none());
    }
}
