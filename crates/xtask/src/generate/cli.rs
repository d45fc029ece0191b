//! The reference of the command line, from its definition.

use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command};

use super::cell;

pub(super) fn page(mut command: Command) -> String {
    command.build();
    let mut page = String::from("# Command line\n");
    describe(&mut page, &command, command.get_name(), true);
    page
}

fn describe(page: &mut String, command: &Command, name: &str, top: bool) {
    let about = if top {
        command.get_long_about().or(command.get_about())
    } else {
        command.get_about()
    };
    let _ = write!(
        page,
        "\n## `{name}`\n\n{}\n",
        about.map(ToString::to_string).unwrap_or_default().trim()
    );
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage:").unwrap_or(&usage).trim();
    let _ = write!(page, "\n```text\n{usage}\n```\n");

    let arguments: Vec<&Arg> = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set() && (top || !argument.is_global_set()))
        .filter(|argument| {
            !matches!(
                argument.get_action(),
                ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
            )
        })
        .collect();
    if !arguments.is_empty() {
        page.push_str("\n| argument | environment | meaning |\n|---|---|---|\n");
    }
    for argument in arguments {
        let environment = argument
            .get_env()
            .map(|variable| format!("`{}`", variable.to_string_lossy()))
            .unwrap_or_default();
        let _ = writeln!(
            page,
            "| {} | {environment} | {} |",
            spelling(argument),
            cell(&meaning(argument))
        );
    }
    if let Some(after) = command.get_after_help() {
        let _ = write!(page, "\n```text\n{}\n```\n", after.to_string().trim());
    }
    for inner in command.get_subcommands() {
        if inner.get_name() != "help" && !inner.is_hide_set() {
            describe(page, inner, &format!("{name} {}", inner.get_name()), false);
        }
    }
}

/// The ways to write an argument: `-o`, `--output <FORMAT=FILE>`.
fn spelling(argument: &Arg) -> String {
    let values: Vec<&str> = argument
        .get_value_names()
        .unwrap_or_default()
        .iter()
        .map(clap::builder::Str::as_str)
        .collect();
    let value = if argument.get_action().takes_values() {
        format!(" <{}>", values.join("> <"))
    } else {
        String::new()
    };
    let mut ways = Vec::new();
    if let Some(short) = argument.get_short() {
        ways.push(format!("`-{short}`"));
    }
    match argument.get_long() {
        Some(long) => ways.push(format!("`--{long}{value}`")),
        None => ways.push(format!("`{}`", value.trim())),
    }
    ways.join(", ")
}

fn meaning(argument: &Arg) -> String {
    let mut text = argument
        .get_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    if !argument.get_action().takes_values() {
        return text;
    }
    let choices: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    if !choices.is_empty() {
        let _ = write!(text, "; one of {}", choices.join(", "));
    }
    let defaults: Vec<String> = argument
        .get_default_values()
        .iter()
        .map(|value| format!("`{}`", value.to_string_lossy()))
        .collect();
    if !defaults.is_empty() {
        let _ = write!(text, " [default: {}]", defaults.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_argument_is_told_once_with_its_environment_twin() {
        let command = Command::new("tool")
            .arg(
                Arg::new("loud")
                    .long("loud")
                    .global(true)
                    .action(ArgAction::SetTrue),
            )
            .subcommand(
                Command::new("go").about("Goes").arg(
                    Arg::new("speed")
                        .short('s')
                        .long("speed")
                        .value_name("HOW")
                        .env("TOOL_SPEED")
                        .default_value("slow")
                        .value_parser(["slow", "fast"])
                        .help("How fast"),
                ),
            );
        let page = page(command);
        assert_eq!(page.matches("--loud").count(), 1, "{page}");
        assert!(page.contains("## `tool go`\n\nGoes\n"), "{page}");
        assert!(
            page.contains(
                "| `-s`, `--speed <HOW>` | `TOOL_SPEED` | How fast; one of `slow`, `fast` [default: `slow`] |"
            ),
            "{page}"
        );
        assert!(!page.contains("help"), "{page}");
    }
}
