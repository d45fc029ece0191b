//! Names of those who publish models, and names that are made to look like them.

/// Publishers that many models descend from.
const KNOWN: &[&str] = &[
    "01-ai",
    "adept",
    "ai21labs",
    "alibaba-nlp",
    "allenai",
    "amazon",
    "answerdotai",
    "apple",
    "baai",
    "baichuan-inc",
    "baidu",
    "berkeley-nest",
    "bigcode",
    "bigscience",
    "black-forest-labs",
    "bytedance",
    "cognitivecomputations",
    "cohere",
    "cohereforai",
    "coherelabs",
    "compvis",
    "databricks",
    "deepmind",
    "deepseek-ai",
    "distilbert",
    "eleutherai",
    "facebook",
    "facebookai",
    "fireworks-ai",
    "google",
    "google-bert",
    "google-t5",
    "huggingface",
    "huggingfaceh4",
    "huggingfacem4",
    "huggingfacetb",
    "ibm-granite",
    "inflection-ai",
    "intfloat",
    "internlm",
    "jinaai",
    "kyutai",
    "laion",
    "lightricks",
    "liquidai",
    "lmsys",
    "meta-llama",
    "microsoft",
    "minimaxai",
    "mistralai",
    "mixedbread-ai",
    "moonshotai",
    "mosaicml",
    "nomic-ai",
    "nousresearch",
    "nvidia",
    "openai",
    "openai-community",
    "openbmb",
    "openchat",
    "opengvlab",
    "openlm-research",
    "phind",
    "pyannote",
    "qwen",
    "runwayml",
    "salesforce",
    "sentence-transformers",
    "snowflake",
    "stabilityai",
    "stepfun-ai",
    "suno",
    "teknium",
    "tencent",
    "thebloke",
    "thudm",
    "tiiuae",
    "timm",
    "togethercomputer",
    "unsloth",
    "upstage",
    "vicgalle",
    "wizardlm",
    "xai-org",
    "zai-org",
    "zhipuai",
];

/// Words that ask to be trusted.
const CLAIMS: &[&str] = &[
    "authentic",
    "authorized",
    "certified",
    "genuine",
    "legit",
    "official",
    "original",
    "safe",
    "secure",
    "trusted",
    "verified",
];

/// Words that name nobody.
const NOBODY: &[&str] = &[
    "ai",
    "company",
    "hub",
    "inc",
    "lab",
    "labs",
    "llm",
    "ml",
    "model",
    "models",
    "org",
    "organisation",
    "organization",
    "provider",
    "publisher",
    "release",
    "releases",
    "repo",
    "repository",
    "research",
    "source",
    "team",
    "the",
    "vendor",
    "weights",
];

/// How a name imitates another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness<'a> {
    /// A well-known publisher.
    Known(&'static str),
    /// The author that is named beside it.
    Author(&'a str),
    /// Nobody: it only claims to be trusted.
    Claim(&'a str),
}

/// The publisher of `publisher/model`; a path of a machine has none.
pub(super) fn of(name: &str) -> Option<&str> {
    let (namespace, model) = name.split_once('/')?;
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    (plain(namespace) && plain(model.split('@').next().unwrap_or_default())).then_some(namespace)
}

/// How a publisher imitates another, if it does.
pub(super) fn likeness<'a>(namespace: &'a str, author: Option<&'a str>) -> Option<Likeness<'a>> {
    let lower = namespace.to_lowercase();
    if KNOWN.contains(&&*lower) && namespace.is_ascii() && !has_capital_i(namespace) {
        return None;
    }
    let looks = look(namespace);
    for known in KNOWN {
        let near = known.len() >= 6 && distance_is_one(&lower, known);
        let alike = known.len() >= 4 && looks == look(known) && lower != *known;
        // Only a dash is different: somebody's spelling, not somebody's trap.
        let dashes = lower.replace(['-', '_'], "") == known.replace(['-', '_'], "");
        if (near || alike) && !dashes {
            return Some(Likeness::Known(known));
        }
    }
    if let Some(author) = author {
        let mut words = author.split(|c: char| !c.is_alphanumeric());
        let whole: String = author
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric())
            .collect();
        let same = whole == lower.replace(['-', '_'], "");
        if !same
            && words.clone().all(|word| word.to_lowercase() != lower)
            && words.any(|word| word.len() >= 4 && distance_is_one(&word.to_lowercase(), &lower))
        {
            return Some(Likeness::Author(author));
        }
        if claims_only(author) {
            return Some(Likeness::Claim(author));
        }
    }
    claims_only(namespace).then_some(Likeness::Claim(namespace))
}

/// A capital I in the middle of small letters, where an l would look the same.
fn has_capital_i(name: &str) -> bool {
    name.contains('I')
        && name.chars().filter(|c| c.is_uppercase()).count() == 1
        && !name.starts_with('I')
}

/// Whether a name is made of nothing but claims and words that name nobody.
fn claims_only(name: &str) -> bool {
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.iter().any(|word| CLAIMS.contains(&&**word))
        && words
            .iter()
            .all(|word| CLAIMS.contains(&&**word) || NOBODY.contains(&&**word))
}

/// A name with letters that look alike made one.
fn look(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '0' | 'О' | 'о' | 'ο' => out.push('o'),
            '1' | 'I' | '|' | 'і' | 'ı' => out.push('l'),
            '3' => out.push('e'),
            '5' => out.push('s'),
            '_' => out.push('-'),
            'а' | 'ɑ' => out.push('a'),
            'е' => out.push('e'),
            'с' => out.push('c'),
            'р' => out.push('p'),
            'х' => out.push('x'),
            other => out.extend(other.to_lowercase()),
        }
    }
    out.replace("rn", "m").replace("vv", "w").replace('i', "l")
}

/// Whether one letter was left out, added, changed, or exchanged with its neighbour.
fn distance_is_one(one: &str, other: &str) -> bool {
    if one == other {
        return false;
    }
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let prefix = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let rest = |name: &[char], skip: usize| -> Vec<char> {
        name.iter()
            .skip(prefix.saturating_add(skip))
            .copied()
            .collect()
    };
    match one.len().cmp(&other.len()) {
        std::cmp::Ordering::Equal => {
            rest(&one, 1) == rest(&other, 1)
                || (rest(&one, 2) == rest(&other, 2)
                    && one.get(prefix) == other.get(prefix.saturating_add(1))
                    && one.get(prefix.saturating_add(1)) == other.get(prefix))
        }
        std::cmp::Ordering::Less => rest(&one, 0) == rest(&other, 1),
        std::cmp::Ordering::Greater => rest(&one, 1) == rest(&other, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imitations_are_told_from_names_of_others() {
        for name in [
            "micros0ft",
            "mircosoft",
            "mistraiai",
            "meta-lama",
            "meta-IIama",
            "goog1e-bert",
            "openal",
            "nvidla",
            "deepseek-al",
            "stabilityal",
            "gооgle-bert",
            "facebok",
            "Qvven",
        ] {
            assert!(
                matches!(likeness(name, None), Some(Likeness::Known(_))),
                "{name}"
            );
        }
        for name in [
            "microsoft",
            "mistral-ai",
            "Qwen",
            "OpenAI",
            "IBM-granite",
            "acme",
            "open-llama",
            "mosaic",
            "bert-base",
            "TheBloke",
            "EleutherAI",
            "bigcode-project",
            "stability-ai",
            "official-acme",
        ] {
            assert_eq!(likeness(name, None), None, "{name}");
        }
    }

    #[test]
    fn no_known_publisher_imitates_another() {
        for name in KNOWN {
            assert_eq!(likeness(name, None), None, "{name}");
        }
    }
}
