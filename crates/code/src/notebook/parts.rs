//! What cells hold that is no Python: files that they write, scripts, commands for the shell.

use std::collections::BTreeMap;

use super::cells::{Cell, CellKind};

/// Text of a cell that stands for a file of its own.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The name of the file, or one that says what it is.
    pub(super) name: String,
    /// Its text; what belongs to the cell but not to it is left out, lines keep their number.
    pub(super) text: String,
}

/// Longest name of a file that a cell writes.
const NAME: usize = 200;

/// The parts of all cells, in order.
pub(super) fn parts(cells: &[Cell]) -> Vec<Part> {
    let code = cells.iter().filter(|cell| cell.kind == CellKind::Code);
    let mut names = BTreeMap::new();
    let mut all = Vec::new();
    for (number, cell) in (1_usize..).zip(code) {
        all.extend(part(&cell.text, number).map(|mut part| {
            // Scripts see variables of their own only.
            if !cell.text.trim_start().starts_with("%%") {
                part.text = filled(&part.text, &names);
            }
            part
        }));
        constants(&cell.text, &mut names);
    }
    all
}

/// Most names of one notebook whose values commands get.
const NAMES: usize = 256;

/// Texts that names get at the left border: `model_id = "org/name"`.
fn constants<'t>(text: &'t str, names: &mut BTreeMap<&'t str, &'t str>) {
    for line in text.lines() {
        let Some((name, value)) = line.split_once('=') else {
            continue;
        };
        let (name, value) = (name.trim_end(), value.trim_start());
        let quoted = value
            .strip_prefix('"')
            .and_then(|rest| rest.split_once('"'));
        let quoted = quoted.or_else(|| value.strip_prefix('\'')?.split_once('\''));
        let Some((value, behind)) = quoted else {
            continue;
        };
        let behind = behind.trim_start();
        let plain = value.len() <= NAME && !value.contains(['\\', '{', '$', '`']);
        if is_name(name)
            && plain
            && (behind.is_empty() || behind.starts_with('#'))
            && names.len() < NAMES
        {
            names.insert(name, value);
        }
    }
}

/// A command with the values that IPython puts into it: `{name}` and `$name`. What is not known stands in braces, as
/// what it is: no variable of the shell.
fn filled(text: &str, names: &BTreeMap<&str, &str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '$']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let open = from.starts_with('{');
        let after = from.get(1..).unwrap_or_default();
        let length = after
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            .count();
        let name = after.get(..length).unwrap_or_default();
        let behind = after.get(length..).unwrap_or_default();
        let whole = is_name(name) && (!open || behind.starts_with('}'));
        if !whole {
            out.push_str(from.get(..1).unwrap_or_default());
            rest = after;
            continue;
        }
        match names.get(name) {
            Some(value) => out.push_str(value),
            None => {
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
        }
        rest = match open {
            true => behind.get(1..).unwrap_or_default(),
            false => behind,
        };
    }
    out.push_str(rest);
    out
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn part(text: &str, number: usize) -> Option<Part> {
    let lead = text.len().saturating_sub(text.trim_start().len());
    let (blank, body) = text.split_at_checked(lead)?;
    let script = || format!("cell-{number}.sh");
    let Some(magic) = body.strip_prefix("%%") else {
        return commands(text).map(|text| Part {
            name: script(),
            text,
        });
    };
    let (line, rest) = magic.split_once('\n').unwrap_or((magic, ""));
    let mut words = line.split_ascii_whitespace();
    let name = match words.next()? {
        "writefile" | "file" => file_name(words.next_back()?)?,
        "bash" | "sh" | "shell" => script(),
        "script" => words
            .next()
            .is_some_and(|program| matches!(program, "bash" | "sh" | "zsh"))
            .then(script)?,
        "capture" | "time" | "timeit" => {
            return commands(rest).map(|rest| Part {
                name: script(),
                text: format!("{blank}\n{rest}"),
            });
        }
        _ => return None,
    };
    Some(Part {
        name,
        text: format!("{blank}\n{rest}"),
    })
}

/// The name of a file that a cell writes; none for one that is put together.
fn file_name(written: &str) -> Option<String> {
    let name = written.trim_matches(['"', '\'']);
    let name = name.trim_start_matches("./").trim_start_matches('/');
    let plain = !name.is_empty()
        && name.len() <= NAME
        && !name.split('/').any(|part| part == "..")
        && !name.contains(['$', '{', '!', '\\', '\0']);
    plain.then(|| name.to_owned())
}

/// The lines that go to the shell: `!pip install x`, `%pip install x`, with those that continue them.
fn commands(text: &str) -> Option<String> {
    let mut all = String::new();
    let mut any = false;
    let mut continued = false;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        let command = match continued {
            true => Some(line),
            false => bare.strip_prefix('!').or_else(|| {
                bare.strip_prefix('%')
                    .filter(|rest| rest.starts_with("pip ") || rest.starts_with("sx "))
            }),
        };
        continued = false;
        match command {
            Some(command) => {
                any = true;
                continued = command.trim_end().ends_with('\\');
                all.push_str(command);
            }
            None if line.ends_with('\n') => all.push('\n'),
            None => {}
        }
    }
    any.then_some(all)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Part, constants, filled, part};

    fn of(name: &str, text: &str) -> Option<Part> {
        Some(Part {
            name: name.to_owned(),
            text: text.to_owned(),
        })
    }

    #[test]
    fn commands_get_what_names_are_known_to_be() {
        let mut names = BTreeMap::new();
        constants(
            "model_id = \"org/name\"  # base\nn = f(\"x\")\n  y = 'z'\n",
            &mut names,
        );
        assert_eq!(names.len(), 1);
        assert_eq!(
            filled(
                "a --model {model_id} -b $model_id/$HOME ${x} {y} {\"k\": 1}\n",
                &names
            ),
            "a --model org/name -b org/name/{HOME} ${x} {y} {\"k\": 1}\n"
        );
    }

    #[test]
    fn files_scripts_and_commands_keep_their_lines() {
        assert_eq!(
            part("%%writefile -a conf/train.yaml\nmodel: x\n", 1),
            of("conf/train.yaml", "\nmodel: x\n")
        );
        assert_eq!(
            part("\n%%bash\nvllm serve x\n", 2),
            of("cell-2.sh", "\n\nvllm serve x\n")
        );
        assert_eq!(
            part("import a\nif a:\n    !pip install b \\\n  c\nd = 1", 3),
            of("cell-3.sh", "\n\npip install b \\\n  c\n")
        );
        assert_eq!(
            part("%%time\n%pip install a\n", 4),
            of("cell-4.sh", "\npip install a\n")
        );
        for text in [
            "x = 1\ny = x % 2\n",
            "%%html\n<b>\n",
            "%%writefile ../../etc/x\na\n",
            "%%writefile {name}.py\na\n",
            "%matplotlib inline\n",
            "",
        ] {
            assert_eq!(part(text, 5), None, "{text}");
        }
    }
}
