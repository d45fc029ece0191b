//! What reading costs, and how much of a tree is read whole: `cargo bench -p stance-iac`, or with directories in
//! `STANCE_IAC_TREES` (`:` between them) over those.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads files, measures time and prints it"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Instant;

use stance_iac::{Limits, Reason, Source, read};

fn gather(directory: &Path, top: &Path, out: &mut Vec<(String, Vec<u8>)>) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() && !path.is_symlink() {
            gather(&path, top, out);
        } else if let Ok(bytes) = std::fs::read(&path) {
            let name = path.strip_prefix(top).unwrap_or(&path);
            out.push((name.to_string_lossy().into_owned(), bytes));
        }
    }
}

fn made(count: usize) -> Vec<(String, Vec<u8>)> {
    (0..count)
        .map(|n| {
            let mut text = String::from("variable \"name\" {\n  type    = string\n  default = \"web\"\n}\nlocals {\n  tags = merge({ a = \"b\" }, { name = var.name })\n}\n");
            for k in 0..8 {
                text.push_str(&format!("resource \"aws_s3_bucket\" \"b{k}\" {{\n  bucket = \"${{var.name}}-{n}-{k}\"\n  tags   = local.tags\n  lifecycle_rule {{\n    enabled = true\n  }}\n}}\nresource \"aws_sagemaker_notebook_instance\" \"n{k}\" {{\n  name       = upper(var.name)\n  kms_key_id = aws_kms_key.k.arn\n  role_arn   = var.name == \"web\" ? aws_iam_role.r.arn : null\n}}\n"));
            }
            (format!("m{n}/main.tf"), text.into_bytes())
        })
        .collect()
}

fn run(title: &str, files: &[(String, Vec<u8>)], tell: bool) {
    let sources: Vec<Source<'_>> = files
        .iter()
        .map(|(path, bytes)| Source { path, bytes })
        .collect();
    let start = Instant::now();
    let model = read(&sources, &Limits::default());
    let took = start.elapsed().as_secs_f64() * 1e3;
    let of = |wanted: Reason| {
        let bad = model.problems.iter().filter(|one| one.reason == wanted);
        bad.map(|one| one.span.file).collect::<BTreeSet<_>>().len()
    };
    let mut formats: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &model.resources {
        *formats.entry(one.format.name()).or_default() += 1;
    }
    println!(
        "{title}: {} files, {} with mistakes of syntax, {} at a limit, resources {formats:?}, {took:.0} ms",
        model.files.len(),
        of(Reason::Syntax),
        of(Reason::Limit),
    );
    if tell {
        let bad = model.problems.iter();
        for one in bad
            .filter(|one| matches!(one.reason, Reason::Syntax | Reason::Limit))
            .take(12)
        {
            println!("  {:?}: {one}", model.place(one.span));
        }
    }
}

fn main() {
    run("1,000 made files of Terraform", &made(1000), false);
    let trees = std::env::var("STANCE_IAC_TREES").unwrap_or_default();
    for tree in trees.split(':').filter(|tree| !tree.is_empty()) {
        let mut files = Vec::new();
        gather(Path::new(tree), Path::new(tree), &mut files);
        run(tree, &files, true);
    }
}
