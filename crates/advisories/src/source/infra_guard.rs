//! The rules of [AI-Infra-Guard](https://github.com/Tencent/AI-Infra-Guard): YAML files that name a product and say
//! in an expression which of its versions have a flaw: `version >= "1.0" && version < "1.2"`.
//!
//! A product is no package; `data/products.tsv` says which packages it is published as. Where a record does not say
//! clearly which of them it means, it is matched with none.

use super::osv::is_disputed;
use super::product::package;
use crate::advisory::{Advisory, Affected, Event, Severities};

/// Most alternatives of one rule.
const MOST: usize = 64;

/// Deepest nesting of parentheses.
const DEEPEST: u8 = 16;

/// Whether a YAML text looks like such a file.
#[must_use]
pub fn is_one(text: &str) -> bool {
    text.starts_with("info:") && text.contains("\nrule:")
}

/// Reads one file. Its packages are none where the product is published as none, or where the rule
/// does not say with which version the flaw ends.
///
/// # Errors
/// In words, when it is none of these files.
pub fn read(text: &str) -> Result<Advisory, String> {
    let value = super::yaml(text)?;
    let info = value.get("info").unwrap_or(&serde_json::Value::Null);
    let string = |name: &str| {
        info.get(name)
            .and_then(|text| text.as_str())
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let (id, product) = (string("cve"), string("name"));
    if id.is_empty() || product.is_empty() {
        return Err("it names no product or no number".to_owned());
    }
    let rule = value.get("rule").and_then(|rule| rule.as_str());
    let rule = rule.unwrap_or_default();
    let mut affected = Vec::new();
    let alternatives = if is_guessed(text) { None } else { parse(rule) };
    let details = string("details");
    let said = format!("{} {details}", string("summary"));
    let published = if is_namesake(&said) {
        None
    } else {
        package(&product, &said, &string("security_advise"))
    };
    if let Some((ecosystem, name)) = published
        && let Some(alternatives) = alternatives.filter(|all| !is_of_several(all))
    {
        let mut one = Affected {
            ecosystem: *ecosystem,
            name: name.clone(),
            versions: Vec::new(),
            ranges: Vec::new(),
        };
        for conditions in &alternatives {
            match range(conditions) {
                Some(Meant::Version(version)) => one.versions.push(version),
                Some(Meant::Range(events)) => one.ranges.push(events),
                None => {}
            }
        }
        if !(one.versions.is_empty() && one.ranges.is_empty()) {
            affected.push(one);
        }
    }
    Ok(Advisory {
        aliases: aliases(value.get("references"), &id),
        source: "ai-infra-guard".to_owned(),
        summary: super::summary(&string("summary")),
        modified: None,
        severity: Severities {
            vectors: Some(string("cvss"))
                .filter(|vector| vector.starts_with("CVSS:"))
                .into_iter()
                .collect(),
            word: Some(string("severity").to_lowercase()).filter(|word| !word.is_empty()),
        },
        disputed: is_disputed(&details),
        withdrawn: details.contains("** REJECT **"),
        id,
        affected,
    })
}

/// GHSA numbers among the references: the same flaw by another name.
fn aliases(references: Option<&serde_json::Value>, id: &str) -> Vec<String> {
    let references = references.and_then(|list| list.as_array());
    let references = references.map(Vec::as_slice).unwrap_or_default();
    let mut found: Vec<String> = references
        .iter()
        .filter_map(|url| {
            let (_, rest) = url.as_str()?.split_once("GHSA-")?;
            let rest = rest.get(..14)?;
            Some(format!("GHSA-{}", rest.to_lowercase()))
        })
        .filter(|alias| alias != id)
        .collect();
    found.sort();
    found.dedup();
    // One of several is of something else.
    if found.len() > 1 { Vec::new() } else { found }
}

/// Whether two alternatives have no lower end: then they speak of several packages, or of lines of releases
/// that are not told apart.
fn is_of_several(alternatives: &[Vec<Condition>]) -> bool {
    let open = |conditions: &&Vec<Condition>| match range(conditions) {
        Some(Meant::Range(events)) => matches!(
            events.first(),
            Some(Event::Introduced(version)) if version.trim_matches(['0', '.']).is_empty()
        ),
        _ => false,
    };
    alternatives.iter().filter(open).count() > 1
}

/// Whether a text is about an extension of a content-management system that only shares the name.
fn is_namesake(text: &str) -> bool {
    let text = text.to_lowercase();
    ["drupal", "wordpress", "sa-contrib-"]
        .iter()
        .any(|word| text.contains(word))
}

/// Whether the rule carries a remark that its versions are guessed.
fn is_guessed(text: &str) -> bool {
    text.lines()
        .any(|line| line.starts_with("rule:") && line.contains(" #"))
}

/// One comparison with the version.
type Condition = (&'static str, String);

/// The alternatives of a rule, each with conditions that must all hold.
fn parse(rule: &str) -> Option<Vec<Vec<Condition>>> {
    let mut rest = rule.trim();
    let found = either(&mut rest, 0)?;
    rest.is_empty().then_some(found)
}

fn either(rest: &mut &str, depth: u8) -> Option<Vec<Vec<Condition>>> {
    let mut found = both(rest, depth)?;
    while let Some(behind) = rest.strip_prefix("||") {
        *rest = behind.trim_start();
        found.extend(both(rest, depth)?);
        if found.len() > MOST {
            return None;
        }
    }
    Some(found)
}

fn both(rest: &mut &str, depth: u8) -> Option<Vec<Vec<Condition>>> {
    let mut found = one(rest, depth)?;
    while let Some(behind) = rest.strip_prefix("&&") {
        *rest = behind.trim_start();
        let other = one(rest, depth)?;
        if found.len().saturating_mul(other.len()) > MOST {
            return None;
        }
        found = found
            .iter()
            .flat_map(|a| {
                other
                    .iter()
                    .map(move |b| a.iter().chain(b).cloned().collect())
            })
            .collect();
    }
    Some(found)
}

fn one(rest: &mut &str, depth: u8) -> Option<Vec<Vec<Condition>>> {
    if let Some(behind) = rest.strip_prefix('(') {
        if depth >= DEEPEST {
            return None;
        }
        *rest = behind.trim_start();
        let found = either(rest, depth.saturating_add(1))?;
        *rest = rest.strip_prefix(')')?.trim_start();
        return Some(found);
    }
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (name, behind) = rest.split_at_checked(end)?;
    let behind = behind.trim_start();
    let operator = [">=", "<=", "==", ">", "<", "="]
        .into_iter()
        .find(|operator| behind.starts_with(operator))?;
    let behind = behind.strip_prefix(operator)?.trim_start();
    let (value, behind) = behind.strip_prefix('"')?.split_once('"')?;
    *rest = behind.trim_start();
    Some(match name {
        "version" => vec![vec![(operator, value.trim().to_owned())]],
        // Whether it is reached from inside only: nothing about versions.
        _ => vec![Vec::new()],
    })
}

enum Meant {
    Version(String),
    Range(Vec<Event>),
}

fn range(conditions: &[Condition]) -> Option<Meant> {
    let mut low = None;
    let mut high = None;
    for (operator, version) in conditions {
        let version = version.trim_start_matches(['v', 'V']).to_owned();
        if version.is_empty() {
            return None;
        }
        let first = matches!(version.trim_end_matches(".0"), "0" | "");
        match *operator {
            ">=" => low = Some(Event::Introduced(version)),
            ">" if first => low = Some(Event::Introduced("0".to_owned())),
            ">" => low = Some(Event::After(version)),
            "<" => high = Some(Event::Fixed(version)),
            "<=" => high = Some(Event::LastAffected(version)),
            _ => return Some(Meant::Version(version)),
        }
    }
    // A rule without an upper end is a placeholder more often than a fact.
    let high = Some(high?);
    let low = low.unwrap_or(Event::Introduced("0".to_owned()));
    Some(Meant::Range(std::iter::once(low).chain(high).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Windows;
    use stance_core::fact::Ecosystem;

    fn affects(rule: &str, version: &str) -> bool {
        let text = format!(
            "info:\n  name: vllm\n  cve: CVE-2025-1\n  summary: vLLM breaks\n  severity: HIGH\nrule: {rule}\nreferences:\n- https://x/GHSA-abcd-efgh-ijkl\n"
        );
        assert!(is_one(&text));
        let advisory = read(&text).unwrap();
        assert_eq!(advisory.aliases, ["GHSA-abcd-efgh-ijkl"]);
        advisory
            .affected
            .iter()
            .any(|affected| Windows::of(affected).affect(Ecosystem::Pypi, version))
    }

    #[test]
    fn rules_say_which_versions_are_meant() {
        for (rule, version, want) in [
            (r#"version < "0.9.0""#, "0.8.9", true),
            (r#"version < "0.9.0""#, "0.9.0", false),
            (r#"version <= "0.9.0""#, "0.9.0", true),
            (r#"'version >= "1" && version < "2"'"#, "1.5", true),
            (r#"version > "0" && version < "2""#, "0", true),
            (r#"version > "1" && version <= "2""#, "1", false),
            (
                r#"(version > "1" && version < "2") || (version == "3")"#,
                "3.0",
                true,
            ),
            (
                r#"(version > "1" && version < "2") || (version == "3")"#,
                "2.5",
                false,
            ),
            (
                r#"version < "1" || (version >= "2" && version < "3")"#,
                "2.1",
                true,
            ),
            // Nothing, or a guess.
            (r#""""#, "1", false),
            (r#"version >= "0""#, "1", false),
            (r#"is_internal=="false""#, "1", false),
            (
                r#"version > "0" && version < "1" # placeholder"#,
                "0.5",
                false,
            ),
            (r#"version ~ "1""#, "1", false),
            (r#"version < "1" || version < "2""#, "0.5", false),
        ] {
            assert_eq!(affects(rule, version), want, "{rule} {version}");
        }
    }

    #[test]
    fn a_namesake_is_no_package() {
        let text = "info:\n  name: ray\n  cve: CVE-2026-1\n  summary: Ray Enterprise - SA-CONTRIB-2026-071\nrule: version < \"4\"\n";
        assert!(read(text).unwrap().affected.is_empty());
    }

    #[test]
    fn deep_and_wide_rules_end() {
        assert_eq!(parse(&"(".repeat(100_000)), None);
        let wide = vec![r#"(version<"1"||version<"2")"#; 40].join("&&");
        assert_eq!(parse(&wide), None);
    }
}
