//! `cargo xtask new-rule AREA/NAME`: one file, one line.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};

pub(crate) fn run(root: &Path, id: &str) -> anyhow::Result<()> {
    let (area, name) = parse(id)?;
    let source = root.join("crates/rules/src");
    let module = name.replace('-', "_");
    let area_module = area.replace('-', "_");
    let file = source.join(&area_module).join(format!("{module}.rs"));
    ensure!(
        !file.exists(),
        "{} is already there; choose another name",
        file.display()
    );

    // Everything is read and decided before anything is written.
    let list = source.join(&area_module).join("mod.rs");
    let library = source.join("lib.rs");
    let mut writes = vec![(file.clone(), scaffold(area, name))];
    if list.exists() {
        writes.push((list.clone(), register_rule(&read(&list)?, &module)?));
    } else {
        let text = format!(
            "//! Rules about {}.\n\nrules! {{\n    {module},\n}}\n",
            area.replace('-', " ")
        );
        writes.push((list, text));
        writes.push((
            library.clone(),
            register_area(&read(&library)?, &area_module)?,
        ));
    }
    for (path, content) in writes {
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)
                .with_context(|| format!("cannot create {}", directory.display()))?;
        }
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}", path.strip_prefix(root).unwrap_or(&path).display());
    }
    println!(
        "\nNext: write the rule, run `cargo test -p stance-rules`, then `cargo xtask generate`"
    );
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Area and name of a rule id, when it is one that a rule may have.
fn parse(id: &str) -> anyhow::Result<(&str, &str)> {
    let Some((area, name)) = id.split_once('/') else {
        bail!("`{id}` is not AREA/NAME, such as model/pickle-exec");
    };
    for word in [area, name] {
        let fits = word.starts_with(|first: char| first.is_ascii_lowercase())
            && !word.ends_with('-')
            && !word.contains("--")
            && word
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        ensure!(
            fits,
            "`{word}` in `{id}` is not lower-case letters, digits and single hyphens"
        );
        ensure!(
            !KEYWORDS.contains(&word),
            "`{word}` in `{id}` is a word of the Rust language; choose another"
        );
    }
    for start in ["no-", "check-", "detect-"] {
        ensure!(
            !name.starts_with(start),
            "a rule is named after what it finds and reads as `allow {}`; drop `{start}`",
            name.trim_start_matches(start)
        );
    }
    Ok((area, name))
}

/// Words that cannot be the name of a module.
const KEYWORDS: [&str; 39] = [
    "as", "async", "await", "box", "break", "const", "continue", "crate", "dyn", "else", "enum",
    "extern", "false", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod",
    "move", "mut", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "type", "unsafe", "use", "where", "while",
];

/// `mod.rs` of an area with one more module, in order.
fn register_rule(text: &str, module: &str) -> anyhow::Result<String> {
    let (before, list, after) =
        cut(text, "rules! {", "}").context("the area's mod.rs has no `rules! { … }`")?;
    let list = insert(list, module);
    let lines: String = list.iter().map(|name| format!("    {name},\n")).collect();
    Ok(format!("{before}\n{lines}{after}"))
}

/// `lib.rs` with one more area, in order.
fn register_area(text: &str, area: &str) -> anyhow::Result<String> {
    let line = format!("pub mod {area};");
    let is_area = |line: &str| line.starts_with("pub mod ") && line.ends_with(';');
    let mut lines: Vec<&str> = text.lines().collect();
    let at = lines
        .iter()
        .position(|known| is_area(known) && **known > *line)
        .or_else(|| {
            lines
                .iter()
                .rposition(|known| is_area(known))
                .map(|last| last + 1)
        })
        .context("lib.rs declares no area with `pub mod`")?;
    lines.insert(at, &line);
    let text = lines.join("\n") + "\n";

    let (before, list, after) =
        cut(&text, "static AREAS: &[&[&Entry]] = &[", "];").context("lib.rs has no `AREAS`")?;
    let rules = format!("{area}::RULES");
    let areas = insert(list, &rules);
    let one_line = areas.join(", ");
    let start = before.lines().last().map_or(0, str::len);
    // As rustfmt would write it.
    if start + one_line.len() + "];".len() <= 100 {
        return Ok(format!("{before}{one_line}{after}"));
    }
    let lines: String = areas.iter().map(|area| format!("    {area},\n")).collect();
    Ok(format!("{before}\n{lines}{after}"))
}

/// `text` up to and with `start`, between, and from `end` on.
fn cut<'t>(text: &'t str, start: &str, end: &str) -> Option<(&'t str, &'t str, &'t str)> {
    let from = text.find(start)? + start.len();
    let (before, rest) = text.split_at(from);
    let (list, after) = rest.split_at(rest.find(end)?);
    Some((before, list, after))
}

fn insert<'t>(list: &'t str, new: &'t str) -> Vec<&'t str> {
    let mut items: Vec<&str> = list
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .chain([new])
        .collect();
    items.sort_unstable();
    items
}

/// The hook that rules of an area mostly need, the type of its argument and how it is called.
fn hook(area: &str) -> (&'static str, &'static str, &'static str) {
    match area {
        "agent" => ("mcp_server", "McpServer", "server"),
        "code" => ("call", "CodeCall", "call"),
        "config" => ("service", "Service", "service"),
        "coverage" => ("gap", "Gap", "gap"),
        "secret" => ("secret", "Secret", "secret"),
        "supply-chain" => ("dependency", "Dependency", "dependency"),
        _ => ("artifact", "Artifact", "artifact"),
    }
}

fn scaffold(area: &str, name: &str) -> String {
    let (hook, of, argument) = hook(area);
    let rule: String = name
        .split('-')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        })
        .collect();
    let calls = if hook == "call" {
        "    fn calls(&self) -> &'static [&'static str] {\n        &[\"TODO.module.function\"]\n    }\n\n"
    } else {
        ""
    };
    format!(
        r#"use stance_core::fact::{of};

use crate::{{Cx, Rule}};

rule! {{
    /// # TODO: what is found, as people would say it, without a period
    ///
    /// ## What it finds
    /// TODO
    ///
    /// ## Why it matters
    /// TODO
    ///
    /// ## Example
    /// TODO
    ///
    /// ## Fix
    /// TODO
    ///
    /// ## References
    /// TODO
    {rule} {{
        id: "{area}/{name}",
        severity: Medium,
        stage: Develop,
        controls: ["owasp-llm-2025:LLM03"],
        bad: [crate::text!("TODO", "TODO: a file in which it must find something")],
        good: [crate::text!("TODO", "TODO: a near miss in which it must find nothing")],
    }}
}}

impl Rule for {rule} {{
{calls}    fn {hook}(&self, {argument}: &{of}, cx: &mut Cx<'_>) {{
        let found = false;
        if found {{
            cx.report(
                &{argument}.evidence,
                "TODO: one sentence with the names that matter",
            );
        }}
    }}
}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIBRARY: &str = "mod rule;\n\npub mod agent;\npub mod model;\n\npub use rule::Rule;\n\n\
                           static AREAS: &[&[&Entry]] = &[agent::RULES, model::RULES];\n";

    #[test]
    fn names_that_a_rule_cannot_have_are_refused() {
        for id in [
            "model",
            "model/",
            "/x",
            "Model/x",
            "model/a_b",
            "model/a--b",
            "model/-a",
            "model/a-",
            "model/no-pin",
            "model/check-pin",
            "model/type",
            "model/a/b",
            "model/ä",
        ] {
            assert!(parse(id).is_err(), "{id}");
        }
        assert_eq!(
            parse("supply-chain/unpinned-model").unwrap().1,
            "unpinned-model"
        );
    }

    #[test]
    fn a_rule_is_registered_in_order() {
        let text = "//! Rules.\n\nrules! {\n    b,\n    d,\n}\n";
        assert_eq!(
            register_rule(text, "c").unwrap(),
            "//! Rules.\n\nrules! {\n    b,\n    c,\n    d,\n}\n"
        );
        assert!(register_rule("//! Rules.\n", "c").is_err());
    }

    #[test]
    fn an_area_is_registered_in_order() {
        let text = register_area(LIBRARY, "code").unwrap();
        assert!(
            text.contains("pub mod agent;\npub mod code;\npub mod model;\n"),
            "{text}"
        );
        assert!(
            text.contains("= &[agent::RULES, code::RULES, model::RULES];"),
            "{text}"
        );
        let last = register_area(LIBRARY, "secret").unwrap();
        assert!(last.contains("pub mod model;\npub mod secret;\n"), "{last}");
    }

    #[test]
    fn many_areas_stand_one_a_line_as_rustfmt_would_have_it() {
        let mut text = LIBRARY.to_owned();
        for area in ["code", "config", "coverage", "governance", "secret"] {
            text = register_area(&text, area).unwrap();
        }
        assert!(
            text.contains("= &[\n    agent::RULES,\n    code::RULES,\n    config::RULES,\n"),
            "{text}"
        );
        assert!(text.contains("    secret::RULES,\n];\n"), "{text}");
    }

    #[test]
    fn a_new_rule_of_a_new_area_is_file_list_and_entry_and_is_made_once() {
        let root = tempfile::tempdir().unwrap();
        let source = root.path().join("crates/rules/src");
        fs::create_dir_all(&source).unwrap();
        fs::write(source.join("lib.rs"), LIBRARY).unwrap();
        run(root.path(), "supply-chain/unpinned-model").unwrap();
        let rule = read(&source.join("supply_chain/unpinned_model.rs")).unwrap();
        assert!(rule.contains("    UnpinnedModel {\n        id: \"supply-chain/unpinned-model\","));
        let list = read(&source.join("supply_chain/mod.rs")).unwrap();
        assert!(list.contains("rules! {\n    unpinned_model,\n}"), "{list}");
        assert!(
            read(&source.join("lib.rs"))
                .unwrap()
                .contains("supply_chain::RULES")
        );

        assert!(run(root.path(), "supply-chain/unpinned-model").is_err());
        run(root.path(), "supply-chain/any-origin").unwrap();
        let list = read(&source.join("supply_chain/mod.rs")).unwrap();
        assert!(
            list.contains("    any_origin,\n    unpinned_model,\n"),
            "{list}"
        );
    }
}
