//! What a user relies on: the archives that Keras pickles its models as are looked into.

use crate::zip::assemble::{part, zip};
use stance_core::fact::{Artifact, ArtifactFormat, Fact};
use stance_pickle::assemble::Pickle;
use stance_read::{Bytes, Interests, Limits, Options, scan};

fn artifacts(bytes: &[u8]) -> Vec<Artifact> {
    let interests = Interests::new([]);
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: &crate::registry::ALL,
    };
    let facts = scan("m.pkl", &Bytes(bytes), &options).facts;
    let artifacts = facts.into_iter().filter_map(|(_, fact)| match fact {
        Fact::Artifact(artifact) => Some(*artifact),
        _ => None,
    });
    artifacts.collect()
}

/// A model of one layer that holds code, as Keras writes it.
fn archive() -> Vec<u8> {
    let config = br#"{"class_name":"Sequential","config":{"name":"m","layers":[{"class_name":"Lambda","config":{"name":"l","function":["4wEAAAA=",null,null],"function_type":"lambda"}}]}}"#;
    let metadata = br#"{"keras_version":"3.5.0"}"#;
    zip(&[
        part("metadata.json", *metadata),
        part("config.json", *config),
    ])
}

/// A model pickled by Keras: a buffer made empty and filled by its state, and the method that loads it.
fn model(archive: &[u8], through: &str) -> Vec<u8> {
    Pickle::protocol(4)
        .stack_global("keras.src.models.sequential", through)
        .stack_global("_io", "BytesIO")
        .raw(b")\x81")
        .bytes(archive)
        .int(0)
        .raw(b"N")
        .tuple_of(3)
        .build()
        .tuple_of(1)
        .reduce()
        .stop()
}

fn loads_unseen(artifact: &Artifact) -> bool {
    let calls = artifact.pickles.iter().flat_map(|trace| &trace.calls);
    calls
        .into_iter()
        .any(|call| call.callable == "keras.saving.load_model")
}

#[test]
fn a_model_that_is_a_constant_of_a_pickle_is_looked_into() {
    let found = artifacts(&model(&archive(), "Sequential._unpickle_model"));
    assert_eq!(found[0].format, ArtifactFormat::Pickle);
    assert!(!loads_unseen(&found[0]));
    assert_eq!(found[1].format, ArtifactFormat::Keras);
    assert!(!found[1].embedded.is_empty());
}

#[test]
fn a_model_that_cannot_be_looked_into_is_loaded_unseen() {
    let found = artifacts(&model(b"no archive", "Sequential._unpickle_model"));
    assert!(loads_unseen(&found[0]));
    // Another method of the class loads nothing.
    let found = artifacts(&model(b"no archive", "Sequential.other"));
    assert!(!loads_unseen(&found[0]));
}
