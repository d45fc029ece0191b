//! What cells hold that is no Python: files that they write, scripts, commands for the shell.

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
    (1_usize..)
        .zip(code)
        .filter_map(|(number, cell)| part(&cell.text, number))
        .collect()
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
    use super::{Part, part};

    fn of(name: &str, text: &str) -> Option<Part> {
        Some(Part {
            name: name.to_owned(),
            text: text.to_owned(),
        })
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
