//! Inputs for the fuzzers: made from the examples of the rules, and kept as text, so that no
//! hostile file lies in the tree.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use stance_inspect::fuzzing;
use stance_rules::Content;

/// Bytes of one parser that are kept in the repository.
const KEPT: usize = 8 * 1024;
/// Longest input that is kept.
const LONGEST: usize = 1024;

/// Writes `DIR/PARSER/*` from the examples of all rules and from what earlier runs kept.
pub(crate) fn seeds(root: &Path, directory: &Path) -> anyhow::Result<()> {
    let mut count = 0_usize;
    let mut write = |parser: &str, data: &[u8]| -> anyhow::Result<()> {
        let into = directory.join(parser);
        fs::create_dir_all(&into)?;
        fs::write(into.join(format!("seed-{count:05}")), data)?;
        count += 1;
        Ok(())
    };
    for entry in stance_rules::all() {
        for example in entry.meta.bad.iter().chain(entry.meta.good) {
            for (path, content) in example.files {
                let bytes = match content {
                    Content::Text(text) => text.as_bytes().to_vec(),
                    Content::Made(make) => make(),
                    Content::Gap(..)
                    | Content::Signature(_)
                    | Content::Advisories(_)
                    | Content::Observed(_)
                    | Content::Compared(_) => continue,
                };
                let data = fuzzing::input(path, &bytes);
                for parser in fuzzing::claimants(path, &bytes) {
                    write(&parser, &data)?;
                }
            }
        }
    }
    for (parser, lines) in kept(root)? {
        for line in lines {
            write(&parser, &bytes_of(&line)?)?;
        }
    }
    println!("{count} inputs in {}", directory.display());
    Ok(())
}

/// Keeps the shortest inputs of each `DIR/PARSER/` in the repository.
pub(crate) fn keep(root: &Path, directory: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(directory).context("no such directory of inputs")? {
        let from = entry?.path();
        let Some(parser) = from.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        // Targets that are no parser have no replay.
        if fuzzing::run(parser, &[]).is_none() {
            continue;
        }
        let mut inputs = Vec::new();
        for file in fs::read_dir(&from)? {
            inputs.push(fs::read(file?.path())?);
        }
        inputs.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
        inputs.dedup();
        let mut total = 0_usize;
        let mut text = String::new();
        for input in inputs
            .iter()
            .filter(|input| !input.is_empty() && input.len() <= LONGEST)
        {
            total += input.len();
            if total > KEPT {
                break;
            }
            text.extend(input.iter().map(|byte| format!("{byte:02x}")));
            text.push('\n');
        }
        if !text.is_empty() {
            fs::write(corpus(root).join(format!("{parser}.hex")), text)?;
        }
    }
    Ok(())
}

fn corpus(root: &Path) -> std::path::PathBuf {
    root.join("crates/inspect/fuzz/corpus")
}

/// The lines kept of each parser.
fn kept(root: &Path) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(corpus(root))? {
        let path = entry?.path();
        if let Some(parser) = path.file_stem().and_then(|stem| stem.to_str()) {
            let lines = fs::read_to_string(&path)?;
            all.insert(
                parser.to_owned(),
                lines.lines().map(str::to_owned).collect(),
            );
        }
    }
    Ok(all)
}

fn bytes_of(hex: &str) -> anyhow::Result<Vec<u8>> {
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    anyhow::ensure!(rest.is_empty(), "odd number of digits in `{hex}`");
    pairs
        .iter()
        .map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?))
        .collect()
}
