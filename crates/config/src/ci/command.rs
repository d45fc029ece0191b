//! Lines of shell scripts: the agents and the model tools they run.

use super::installed::{self, Installed};
use super::tools::{AGENTS, Agent, STEPS};

/// Most commands of one script that are looked at.
const MOST: usize = 4000;

/// A command that matters.
pub(super) enum Found {
    Agent(&'static Agent, Vec<String>),
    /// The words of the table, and what it does.
    Step(&'static str, &'static str),
    Package(Installed),
}

/// The commands of a script that matter, each with its first words as they are written.
pub(super) fn of_script(script: &str) -> Vec<(String, Found)> {
    let mut found = Vec::new();
    for words in commands(script).into_iter().take(MOST) {
        let Some(own) = program(&words) else { continue };
        if let Some(one) = judge(own) {
            let first: Vec<&str> = own.iter().take(2).map(String::as_str).collect();
            found.push((first.join(" "), one));
        }
        let packages = installed::of_command(own).into_iter();
        found.extend(packages.map(|one| (one.word.clone(), Found::Package(one))));
    }
    found
}

fn judge(words: &[String]) -> Option<Found> {
    let (first, rest) = words.split_first()?;
    // A package may carry its version: `@openai/codex@latest`.
    let name = match first.rfind('@') {
        Some(at) if at > 0 => first.get(..at).unwrap_or(first),
        _ => first,
    };
    let name = match name.starts_with('@') {
        true => name,
        false => name.rsplit('/').next().unwrap_or(name),
    };
    if let Some(agent) = AGENTS.iter().find(|agent| agent.programs.contains(&name)) {
        let works = rest.iter().any(|word| {
            let flag = word.split('=').next().unwrap_or(word);
            agent.works.contains(&flag)
        });
        return works.then(|| Found::Agent(agent, rest.to_vec()));
    }
    let (step, role) = STEPS.iter().find(|(step, _)| {
        let mut wanted = step.split(' ');
        wanted.next() == Some(name)
            && wanted
                .zip(rest.iter().map(Some).chain(std::iter::repeat(None)))
                .all(|(wanted, word)| word.is_some_and(|word| word == wanted))
    })?;
    Some(Found::Step(step, role))
}

/// The words from the program on: without assignments and what only starts another program.
fn program(words: &[String]) -> Option<&[String]> {
    let mut rest = words;
    loop {
        let first = rest.first()?;
        let assignment = first.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        let skip = match first.as_str() {
            _ if assignment => 1,
            "sudo" | "env" | "exec" | "time" | "nohup" | "command" | "npx" | "uvx" | "bunx"
            | "if" | "then" | "!" | "do" | "else" => 1,
            "timeout" => 2,
            "uv" | "pipx" | "poetry" | "pdm" | "hatch" | "rye"
                if rest.get(1).is_some_and(|word| word == "run") =>
            {
                2
            }
            "uv" if rest.get(1).is_some_and(|word| word == "tool") => 3,
            "pnpm" | "yarn"
                if rest
                    .get(1)
                    .is_some_and(|word| matches!(word.as_str(), "dlx" | "exec")) =>
            {
                2
            }
            "npm" if rest.get(1).is_some_and(|word| word == "exec") => 2,
            "python" | "python3" if rest.get(1).is_some_and(|word| word == "-m") => 2,
            "stdbuf" | "xvfb-run" => 1,
            word if word.starts_with('-') && rest.len() < words.len() => 1,
            _ => return Some(rest),
        };
        rest = rest.get(skip..)?;
    }
}

/// The simple commands of a script, as words without their quotes.
fn commands(script: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut open: Option<char> = None;
    let mut started = false;
    let mut comment = false;
    let mut characters = script.chars().peekable();
    while let Some(c) = characters.next() {
        if comment {
            comment = c != '\n';
            if comment {
                continue;
            }
        }
        match (open, c) {
            (None, '\\') if characters.peek() == Some(&'\n') => {
                characters.next();
                end_word(&mut word, &mut words, &mut started);
            }
            (None | Some('"'), '\\') => word.extend(characters.next()),
            (None, '\'' | '"') => (open, started) = (Some(c), true),
            (Some(quote), _) if c == quote => open = None,
            (Some(_), _) => word.push(c),
            (None, '#') if word.is_empty() && !started => comment = true,
            (None, '\n' | ';' | '&' | '|' | '(' | ')' | '`' | '{' | '}')
                if !(c == '{' && word.ends_with('$') || c == '}' && word.contains("${")) =>
            {
                end_word(&mut word, &mut words, &mut started);
                if !words.is_empty() {
                    all.push(std::mem::take(&mut words));
                }
            }
            (None, _) if c.is_whitespace() => end_word(&mut word, &mut words, &mut started),
            (None, _) => word.push(c),
        }
    }
    end_word(&mut word, &mut words, &mut started);
    if !words.is_empty() {
        all.push(words);
    }
    all
}

fn end_word(word: &mut String, words: &mut Vec<String>, started: &mut bool) {
    if !word.is_empty() || *started {
        words.push(std::mem::take(word));
    }
    *started = false;
}

/// The value of a flag: `--model x`, `--model=x`.
pub(super) fn flag<'w>(words: &'w [String], names: &[&str]) -> Option<&'w str> {
    words.iter().enumerate().find_map(|(at, word)| {
        if names.contains(&word.as_str()) {
            return words.get(at.saturating_add(1)).map(String::as_str);
        }
        let (name, value) = word.split_once('=')?;
        names.contains(&name).then_some(value)
    })
}

/// Words of a line of arguments, as `claude_args` has them.
pub(super) fn words(line: &str) -> Vec<String> {
    commands(&line.replace('\n', " "))
        .into_iter()
        .flatten()
        .collect()
}
