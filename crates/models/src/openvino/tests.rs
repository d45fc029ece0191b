use stance_core::fact::{AnomalyKind, EmbeddedKind};

use crate::testing::{artifact, has_artifact, report, survives_truncation};

fn net(layers: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<net name=\"resnet\" version=\"11\">\n<layers>{layers}</layers><edges/></net>\n"
    )
}

const INPUT: &str = r#"<layer id="0" name="in" type="Parameter" version="opset1"><data shape="1,3" element_type="f32"/></layer>"#;

fn constant(data: &str) -> String {
    net(&format!(
        r#"{INPUT}<layer id="1" name="w" type="Const" version="opset1"><data {data}/></layer>"#
    ))
}

#[test]
fn a_graph_tells_layers_and_weights() {
    let text = constant(r#"element_type="f32" shape="64, 3, 7, 7" offset="0" size="37632""#);
    let found = artifact("model.xml", text.as_bytes());
    assert_eq!(found.architecture.as_deref(), Some("resnet"));
    assert_eq!((found.tensors, found.parameters), (Some(1), Some(9408)));
    assert_eq!(found.metadata["layers"], "2");
    assert_eq!((found.embedded, found.anomalies), (vec![], vec![]));
    assert!(!has_artifact(&report(
        "a.xml",
        b"<network><layer/></network>"
    )));
}

#[test]
fn weights_that_cannot_be_are_lies() {
    for data in [
        r#"element_type="f32" shape="2,2" offset="0" size="8""#,
        r#"element_type="u4" shape="4" offset="0" size="4""#,
        r#"element_type="f32" shape="2,2" offset="18446744073709551600" size="16""#,
        r#"element_type="f32" shape="2,2" offset="-16" size="16""#,
        r#"element_type="f32" shape="2,2" offset="/etc/passwd" size="16""#,
    ] {
        let found = artifact("m.xml", constant(data).as_bytes());
        assert_eq!(found.anomalies.len(), 1, "{data}");
        assert_eq!(found.anomalies[0].kind, AnomalyKind::LyingHeader);
    }
    for data in [
        r#"element_type="nf4" shape="3" offset="0" size="2""#,
        r#"element_type="string" shape="3" offset="0" size="100""#,
        r#"element_type="i64" shape="" offset="8" size="8""#,
    ] {
        assert_eq!(
            artifact("m.xml", constant(data).as_bytes()).anomalies,
            [],
            "{data}"
        );
    }
}

#[test]
fn operators_of_others_are_told() {
    let layers = r#"<layer id="1" name="a" type="Warp" version="extension"/>
        <layer id="2" name="b" type="Warp" version="extension"/>
        <layer id="3" name="c" type="Python" version="opset1"><data module="x.py"/></layer>
        <layer id="4" name="d" type="Custom" library="./evil.so"/>
        <layer id="5" name="e" type="TopK" version="opset11"/>"#;
    let found = artifact("m.xml", net(layers).as_bytes());
    let all: Vec<_> = found
        .embedded
        .iter()
        .map(|operator| (operator.kind, &*operator.name, &*operator.detail))
        .collect();
    assert_eq!(
        all,
        [
            (
                EmbeddedKind::CustomOperator,
                "Warp",
                "of the set `extension`"
            ),
            (
                EmbeddedKind::CustomOperator,
                "Python",
                "of the set `opset1`"
            ),
            (EmbeddedKind::CustomOperator, "Python", "module: x.py"),
            (EmbeddedKind::CustomOperator, "Custom", "library: ./evil.so"),
        ]
    );
}

#[test]
fn entities_are_told() {
    let text = net(INPUT).replace(
        "<net ",
        "<!DOCTYPE net [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><net ",
    );
    assert_eq!(
        artifact("m.xml", text.as_bytes()).external[0].location,
        "file:///etc/passwd"
    );
}

#[test]
fn no_cut_makes_it_panic() {
    survives_truncation(
        "m.xml",
        constant(r#"element_type="f32" shape="2" offset="0" size="8""#).as_bytes(),
    );
}

#[test]
fn a_long_name_is_not_told_with_each_of_many_tensors() {
    let data = r#"<data offset="x" size="y"/>"#.repeat(20_000);
    let text = net(&format!(
        r#"<layer id="1" name="{}" type="Const" version="opset1">{data}</layer>"#,
        "ü".repeat(1 << 18)
    ));
    let found = artifact("model.xml", text.as_bytes());
    assert_eq!(found.tensors, Some(20_000));
    assert!(!found.anomalies.is_empty());
    for anomaly in &found.anomalies {
        assert!(anomaly.detail.len() < 1000, "{}", anomaly.detail.len());
    }
}

#[test]
fn libraries_are_told_wherever_they_stand() {
    for around in [
        r#"<rt_info><extensions path="../../tmp/libx.so"/></rt_info>"#,
        r#"<rt_info><MO_version value="1"/><extension library="C:\\x\\y.DLL"/></rt_info>"#,
        r#"<plugin location="/opt/x.dylib"></plugin>"#,
    ] {
        let text =
            format!(r#"<net name="a" version="11"><layers>{INPUT}</layers><edges/>{around}</net>"#);
        let found = artifact("m.xml", text.as_bytes());
        assert_eq!(found.embedded.len(), 1, "{around}");
        assert_eq!(found.embedded[0].kind, EmbeddedKind::CustomOperator);
    }
    // What the converter was told is no part of the graph.
    let text = format!(
        r#"<net name="a" version="11"><layers>{INPUT}</layers><edges/><rt_info><conversion_parameters><extension value="/home/u/libx.so"/></conversion_parameters></rt_info></net>"#
    );
    assert_eq!(artifact("m.xml", text.as_bytes()).embedded, []);
}
