//! The model over fixtures with verdicts of somebody else: one check over one model for all formats.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "reads the corpus beside the checkout, and says when it is not there"
)]

use std::path::{Path, PathBuf};

use stance_iac::{Limits, Node, Resource, Source, read};

fn corpus() -> Option<PathBuf> {
    let given = std::env::var_os("STANCE_CORPUS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let path = given.unwrap_or(beside).join("iac/checkov");
    if path.is_dir() {
        return Some(path);
    }
    eprintln!(
        "skipped: no corpus at {} (set STANCE_CORPUS)",
        path.display()
    );
    None
}

/// The verdict of a check on a resource; `None` where it does not apply.
fn passes(check: &str, resource: &Resource) -> Option<bool> {
    let flag = |path: &str| resource.attributes.path(path).and_then(Node::as_bool);
    match (check, &*resource.kind) {
        ("CKV_AWS_371", "aws/sagemaker/notebook-instance") => {
            let path =
                "instance_metadata_service_configuration.minimum_instance_metadata_service_version";
            let version = resource.attributes.path(path).and_then(Node::as_number);
            Some(version == Some(2.0))
        }
        ("CKV_AWS_370", "aws/sagemaker/model") => {
            Some(flag("enable_network_isolation") == Some(true))
        }
        ("CKV_AZURE_236", "azure/cognitive/account") => Some(flag("local_auth") == Some(false)),
        ("CKV_AZURE_134", "azure/cognitive/account") => {
            Some(flag("public_network_access") == Some(false))
        }
        _ => None,
    }
}

#[test]
fn one_check_over_one_model_agrees_for_all_formats() {
    let Some(corpus) = corpus() else { return };
    let gold = std::fs::read_to_string(corpus.join("gold.csv")).unwrap();
    let (mut same, mut wrong) = (0, Vec::new());
    for line in gold.lines() {
        let fields: Vec<&str> = line.split(',').collect();
        let [format, check, verdict, address @ .., path] = fields.as_slice() else {
            continue;
        };
        if ![
            "CKV_AWS_371",
            "CKV_AWS_370",
            "CKV_AZURE_236",
            "CKV_AZURE_134",
        ]
        .contains(check)
        {
            continue;
        }
        let bytes = std::fs::read(corpus.join(path)).unwrap();
        let source = Source {
            path,
            bytes: &bytes,
        };
        let model = read(&[source], &Limits::default());
        let address = address.join(",");
        let found = model.resources.iter().find(|one| {
            let logical = address.rsplit('.').next() == Some(&*one.name);
            let written = address.contains('[') && passes(check, one).is_some();
            *one.address == *address
                || *format == "cloudformation" && logical
                || *format == "arm" && written
        });
        let ours = found.and_then(|one| passes(check, one));
        if ours == Some(*verdict == "passed") {
            same += 1;
        } else {
            wrong.push(format!("{line}: {ours:?}"));
        }
    }
    eprintln!("{same} verdicts agree, {} do not", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(same >= 70, "{same}");
}
