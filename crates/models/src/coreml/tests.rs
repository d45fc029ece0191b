use stance_core::fact::{ArtifactFormat, EmbeddedKind};

use crate::testing::{artifact, has_artifact, report, survives_truncation};
use stance_read::protobuf::assemble::Builder;

fn about() -> Builder {
    Builder::default().bytes(
        100,
        Builder::default()
            .bytes(1, "Tells cats from dogs")
            .bytes(3, "A. Author")
            .bytes(4, "Apache-2.0"),
    )
}

fn model(number: u32, content: &Builder) -> Vec<u8> {
    Builder::default()
        .number(1, 5)
        .bytes(2, about())
        .bytes(number, content)
        .build()
}

#[test]
fn a_network_tells_what_it_is_and_which_layers_the_application_brings() {
    let layer = Builder::default().bytes(1, "act").bytes(
        500,
        Builder::default()
            .bytes(10, "SwishLayer")
            .bytes(40, "an activation"),
    );
    let plain = Builder::default()
        .bytes(1, "conv")
        .bytes(100, Builder::default().number(1, 3));
    let network = Builder::default().bytes(1, &plain).bytes(1, &layer);
    // Recognised by content, whatever the name.
    let found = artifact("weights.bin", &model(500, &network));
    assert_eq!(found.format, ArtifactFormat::Coreml);
    assert_eq!(found.architecture.as_deref(), Some("neural network"));
    assert_eq!(found.licence.as_deref(), Some("Apache-2.0"));
    assert_eq!(found.metadata["author"], "A. Author");
    assert_eq!(found.metadata["layers"], "2");
    assert_eq!(found.embedded.len(), 1);
    assert_eq!(found.embedded[0].kind, EmbeddedKind::CustomOperator);
    assert_eq!(found.embedded[0].name, "SwishLayer");
}

#[test]
fn models_in_pipelines_are_reached() {
    let custom = model(555, &Builder::default().bytes(1, "Evil"));
    let pipeline = Builder::default().bytes(1, &custom);
    let wrapped = model(200, &Builder::default().bytes(1, &pipeline));
    let found = artifact("m.mlmodel", &wrapped);
    assert_eq!(found.embedded[0].name, "Evil");
    let mut deep = pipeline.build();
    for _ in 0..60 {
        deep = Builder::default()
            .bytes(1, model(202, &Builder::default().bytes(1, &deep)))
            .build();
    }
    assert!(has_artifact(&report(
        "m.mlmodel",
        &Builder::default()
            .number(1, 5)
            .bytes(2, about())
            .bytes(202, deep)
            .build()
    )));
}

#[test]
fn files_that_a_model_names_are_told() {
    let parameter = |text: &str| Builder::default().bytes(1, text);
    let linked = Builder::default().bytes(
        1,
        Builder::default()
            .bytes(1, parameter("../../other.mlmodelc"))
            .bytes(2, parameter("models")),
    );
    let found = artifact("m.mlmodel", &model(556, &linked));
    let escaping: Vec<bool> = found
        .external
        .iter()
        .map(|external| external.escapes)
        .collect();
    assert_eq!(escaping, [true, false]);
    let searched = Builder::default().bytes(
        1,
        Builder::default().bytes(2, parameter("models:/opt/models")),
    );
    let found = artifact("m.mlmodel", &model(556, &searched));
    assert!(found.external[1].escapes);

    let program = |path: &str| {
        let blob = Builder::default().bytes(1, path).number(2, 64);
        let value = Builder::default().bytes(5, blob);
        let operation = Builder::default()
            .bytes(1, "const")
            .bytes(5, Builder::default().bytes(1, "val").bytes(2, value));
        let block = Builder::default().bytes(3, operation);
        let function = Builder::default()
            .bytes(2, "ios16")
            .bytes(3, Builder::default().bytes(1, "ios16").bytes(2, block));
        let program = Builder::default()
            .number(1, 1)
            .bytes(2, Builder::default().bytes(1, "main").bytes(2, function));
        artifact("m.mlmodel", &model(502, &program))
    };
    let blob = |path: &str| Builder::default().bytes(5, Builder::default().bytes(1, path));
    let named = |value: Builder| Builder::default().bytes(1, "x").bytes(2, value);
    // In a list at hand, in an input that is bound to a value, and as an attribute of a block.
    let list = Builder::default().bytes(
        3,
        Builder::default().bytes(3, Builder::default().bytes(1, blob("../../a"))),
    );
    let input = named(Builder::default().bytes(1, Builder::default().bytes(2, blob("/b"))));
    let operation = Builder::default().bytes(2, input).bytes(5, named(list));
    let block = Builder::default()
        .bytes(3, operation)
        .bytes(4, named(blob("@model_path/../../c")));
    let function = Builder::default().bytes(3, named(block));
    let program_of_all = Builder::default().bytes(2, named(function));
    let found = artifact("m.mlmodel", &model(502, &program_of_all));
    assert_eq!(found.external.len(), 3);
    assert!(found.external.iter().all(|external| external.escapes));
    assert!(!program("@model_path/weights/weight.bin").external[0].escapes);
    assert!(program("@model_path/../../../etc/passwd").external[0].escapes);
    assert!(program("/etc/passwd").external[0].escapes);
}

#[test]
fn an_onnx_model_is_not_taken_for_one_and_no_cut_breaks_it() {
    let onnx = Builder::default()
        .number(1, 8)
        .bytes(2, "pytorch")
        .bytes(7, Builder::default().bytes(2, "graph"))
        .build();
    let found = report("m.onnx", &onnx);
    assert!(!found.facts.iter().any(|(_, fact)| matches!(
        fact,
        stance_core::Fact::Artifact(artifact) if artifact.format == ArtifactFormat::Coreml
    )));
    let layer = Builder::default().bytes(500, Builder::default().bytes(10, "X"));
    survives_truncation(
        "m.mlmodel",
        &model(500, &Builder::default().bytes(1, layer)),
    );
}
