//! Whoever wrote the scanned tree chose the names in it: none gets out of its place.

use stance::output::{Format, Style};
use stance_core::evidence::is_invisible;

use super::{fixture, render};

fn verbose() -> Style {
    Style {
        verbose: 1,
        ..Style::default()
    }
}

#[test]
fn text_prints_no_control_character_but_its_line_feeds() {
    for style in [Style::default(), verbose()] {
        let text = render(Format::Text, &fixture::demo(), style);
        let bad = text.chars().find(|&c| c != '\n' && is_invisible(c));
        assert_eq!(bad, None);
        assert!(text.contains("<script>"), "the name is still told");
    }
}

#[test]
fn a_name_cannot_forge_a_workflow_command() {
    let commands = render(Format::Github, &fixture::demo(), verbose());
    let mut lines = commands.lines().rev();
    assert!(lines.next().unwrap().starts_with("stance: "));
    for line in lines {
        let command = line.strip_prefix("::").unwrap();
        let (properties, _) = command.split_once("::").unwrap();
        let (_, properties) = properties.split_once(' ').unwrap();
        for property in properties.split(',') {
            let (name, _) = property.split_once('=').unwrap();
            assert!(
                ["file", "line", "col", "endColumn", "title"].contains(&name),
                "{line}"
            );
        }
        assert!(!line.chars().any(is_invisible), "{line}");
    }
    assert!(
        !commands.contains("%0A,"),
        "a percent sign of a name is escaped"
    );
}

#[test]
fn a_name_builds_no_markup_and_calls_nobody() {
    let comment = render(Format::Markdown, &fixture::demo(), verbose());
    let mut fence = None;
    for line in comment.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            None if ticks >= 3 => {
                fence = Some(ticks);
                continue;
            }
            Some(open) => {
                if ticks >= open && line.trim_start_matches('`').is_empty() {
                    fence = None;
                }
                continue;
            }
            None => {}
        }
        assert!(!line.contains("<script"), "{line}");
        assert!(
            !line.contains("@all") && !line.contains("](http://e"),
            "{line}"
        );
    }
    assert_eq!(fence, None, "every fence is closed");
    assert!(!comment.chars().any(|c| c != '\n' && is_invisible(c)));
}

#[test]
fn a_comment_stays_below_what_platforms_take() {
    let mut report = fixture::demo();
    // Of many rules: what one rule repeats is joined.
    let finding = report.findings[3].clone();
    let of_rule = |number: usize| stance_core::Finding {
        rule: format!("demo/rule-{number}").into(),
        ..finding.clone()
    };
    report.findings = (0..5000).map(of_rule).collect();
    let comment = render(Format::Markdown, &report, Style::default());
    assert!(comment.chars().count() < 65_536);
    assert!(comment.contains("more findings: see the full report"));
}

#[test]
fn sarif_messages_hold_no_link() {
    let log: serde_json::Value =
        serde_json::from_str(&render(Format::Sarif, &fixture::demo(), verbose())).unwrap();
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let text = result["message"]["text"].as_str().unwrap();
        assert!(!text.contains("]("), "{text}");
    }
}
