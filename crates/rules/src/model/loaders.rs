//! Which published flaws of loaders and scanners a pickle that runs code makes use of.

use stance_core::Snapshot;
use stance_core::fact::{Artifact, ArtifactFormat, Fact};

/// Extensions under which picklescan looked into members of archives before it looked at their content.
const LOOKED_INTO: &[&str] = &["pkl", "pickle", "joblib", "dat", "data", "npy"];

/// The flaws in `tables/flaws.tsv` that such a pickle makes use of, at this path in this artefact.
pub(super) fn flaws(artifact: &Artifact, stream: &str, snapshot: &Snapshot) -> Vec<&'static str> {
    let path = &*artifact.evidence.path;
    let (directory, name) = path.rsplit_once(['/', '!']).unwrap_or(("", path));
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let torch_name = matches!(extension, "bin" | "pt" | "pth" | "ckpt");
    let mut flaws = Vec::new();
    match artifact.format {
        ArtifactFormat::PytorchZip
        | ArtifactFormat::PytorchLegacy
        | ArtifactFormat::TorchPackage => {
            flaws.push("torch-pickle");
        }
        ArtifactFormat::Pickle if torch_name => flaws.extend(["torch-pickle", "scanner-extension"]),
        ArtifactFormat::Joblib => flaws.push("joblib"),
        ArtifactFormat::Npy | ArtifactFormat::Npz => flaws.push("numpy-object-array"),
        _ => {}
    }
    if extension == "skops" && artifact.format != ArtifactFormat::Skops {
        flaws.push("skops-joblib");
    }
    if name == "extra_data.pickle" {
        flaws.push("transformers-extra-data");
    }
    if matches!(name, "psgs_w100.tsv.pkl" | "vocab.pkl") || name.ends_with(".index_meta.dpr") {
        flaws.push("transformers-pickle");
    }
    if path.contains(".nemo!") || artifact.format == ArtifactFormat::Nemo {
        flaws.push("nemo-checkpoint");
    }
    if let Some(flaw) = mlflow(directory, name, snapshot) {
        flaws.push(flaw);
    }
    if hides_in_an_archive(artifact.format, stream) {
        flaws.push("scanner-zip-member");
    }
    flaws
}

/// What of an MLflow model a file is, by its name and the description beside it.
fn mlflow(directory: &str, name: &str, snapshot: &Snapshot) -> Option<&'static str> {
    let (root, flaw) = match name {
        "model.pkl" => (directory, "mlflow-sklearn"),
        "python_model.pkl" => (directory, "mlflow-python"),
        "model.pth" if directory == "data" => ("", "mlflow-torch"),
        "model.pth" => (directory.strip_suffix("/data")?, "mlflow-torch"),
        _ => return None,
    };
    let description = match root {
        "" => "MLmodel".to_owned(),
        root => format!("{root}/MLmodel"),
    };
    snapshot
        .observations
        .iter()
        .any(|observation| {
            matches!(&observation.fact, Fact::Artifact(artifact) if *artifact.evidence.path == *description)
        })
        .then_some(flaw)
}

/// Whether a stream is a member of a zip archive under a name that pickles do not have.
fn hides_in_an_archive(format: ArtifactFormat, stream: &str) -> bool {
    let Some((archive, member)) = stream.split_once('!') else {
        return false;
    };
    let zip = matches!(
        format,
        ArtifactFormat::PytorchZip | ArtifactFormat::Torchscript | ArtifactFormat::TorchPackage
    ) || format == ArtifactFormat::Pickle
        && archive.to_ascii_lowercase().ends_with(".zip");
    let extension = member
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension);
    zip && !member.contains('!') && !LOOKED_INTO.contains(&extension)
}
