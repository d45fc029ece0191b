use stance_core::fact::{AnomalyKind, EmbeddedKind};

use crate::testing::{artifact, has_artifact, report, survives_truncation};

const LINEAR: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<PMML xmlns="http://www.dmg.org/PMML-4_4" xmlns:data="http://jpmml.org/jpmml-model/InlineTable" version="4.4">
  <Header copyright="me" description="a &lt; b &amp; c">
    <Extension name="note">fitted (twice)</Extension>
    <Application name="SkLearn2PMML package" version="0.110.0"/>
  </Header>
  <DataDictionary numberOfFields="2">
    <DataField name="x" optype="continuous" dataType="double"/>
    <DataField name="y" optype="continuous" dataType="double"/>
  </DataDictionary>
  <TransformationDictionary>
    <DefineFunction name="my.double" optype="continuous"><ParameterField name="a"/>
      <Apply function="*"><FieldRef field="a"/><Constant>2</Constant></Apply></DefineFunction>
  </TransformationDictionary>
  <RegressionModel functionName="regression">
    <Output><OutputField name="z"><Apply function="my.double"><FieldRef field="y"/></Apply></OutputField></Output>
    <RegressionTable intercept="0.5"><NumericPredictor name="x" coefficient="2.0"/></RegressionTable>
  </RegressionModel>
</PMML>
"#;

#[test]
fn a_document_tells_model_application_and_fields() {
    let found = artifact("model.pmml", LINEAR.as_bytes());
    assert_eq!(found.architecture.as_deref(), Some("RegressionModel"));
    assert_eq!(found.metadata["pmml.version"], "4.4");
    assert_eq!(found.metadata["application"], "SkLearn2PMML package");
    assert_eq!(found.metadata["fields"], "2");
    assert_eq!(
        (found.embedded, found.external, found.anomalies),
        (vec![], vec![], vec![])
    );
    assert!(has_artifact(&report("model.xml", LINEAR.as_bytes())));
    assert!(!has_artifact(&report("x.xml", b"<root><PMML/></root>")));
}

fn locations(bytes: &[u8]) -> Vec<String> {
    let found = artifact("m.pmml", bytes);
    found
        .external
        .into_iter()
        .map(|external| external.location)
        .collect()
}

#[test]
fn entities_are_told_and_not_expanded() {
    for (doctype, location) in [
        (
            r#"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>"#,
            "file:///etc/passwd",
        ),
        (
            r#"<!DOCTYPE x [ <!-- " ] --> <!ENTITY % p SYSTEM 'http://x.example/a.dtd'> %p;]>"#,
            "http://x.example/a.dtd",
        ),
        (
            r#"<!DOCTYPE x [<!ENTITY e PUBLIC "any" "/etc/shadow">]>"#,
            "/etc/shadow",
        ),
        (
            r#"<!DOCTYPE x SYSTEM "http://x.example/b.dtd">"#,
            "http://x.example/b.dtd",
        ),
        (
            r#"<!DOCTYPE x PUBLIC "-//A" "c.dtd" [<!ELEMENT x ANY>]>"#,
            "c.dtd",
        ),
        (
            "<!doctype x [\n<!entity e\n system\n'expect://id'\n>]>",
            "expect://id",
        ),
    ] {
        let document =
            format!("<?xml version=\"1.0\"?>{doctype}<PMML version=\"4.4\"><Header/></PMML>");
        assert_eq!(locations(document.as_bytes()), [location], "{doctype}");
        let mut wide = vec![0xff, 0xfe];
        wide.extend(document.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(locations(&wide), [location], "{doctype} in UTF-16");
        assert_eq!(
            locations(&wide[2..]),
            [location],
            "{doctype} in UTF-16 without a mark"
        );
        assert!(has_artifact(&report("m.xml", &wide)));
    }
    let included =
        r#"<PMML xmlns:xi="x"><xi:include href="file:///etc/hosts" parse="text"/></PMML>"#;
    assert_eq!(locations(included.as_bytes()), ["file:///etc/hosts"]);
}

#[test]
fn a_billion_laughs_and_many_references_to_one_text_are_bombs() {
    let mut laughs = String::from("<!ENTITY a0 \"lol\">");
    for level in 1..12 {
        let inner = format!("&a{};", level - 1).repeat(10);
        laughs.push_str(&format!("<!ENTITY a{level} \"{inner}\">"));
    }
    let document = format!("<!DOCTYPE x [{laughs}]><PMML><Header description=\"&a11;\"/></PMML>");
    let found = artifact("m.pmml", document.as_bytes());
    assert_eq!(found.anomalies[0].kind, AnomalyKind::Bomb);
    let long = format!(
        "<!DOCTYPE x [<!ENTITY a \"{}\">]><PMML><Extension>{}</Extension></PMML>",
        "x".repeat(50_000),
        "&a;".repeat(20_000)
    );
    assert_eq!(
        artifact("m.pmml", long.as_bytes()).anomalies[0].kind,
        AnomalyKind::Bomb
    );
    // A small one; and a text that is named a few times, which is none.
    let nested = laughs.split("<!ENTITY a6").next().unwrap();
    let small = format!("<!DOCTYPE x [{nested}]><PMML><Header description=\"&a5;\"/></PMML>");
    assert_eq!(
        artifact("m.pmml", small.as_bytes()).anomalies[0].kind,
        AnomalyKind::Bomb
    );
    let honest = format!(
        "<!DOCTYPE x [<!ENTITY a \"{}\">]><PMML><Extension>{}</Extension></PMML>",
        "x".repeat(10_000),
        "&a;".repeat(20)
    );
    assert_eq!(artifact("m.pmml", honest.as_bytes()).anomalies, []);
    let circle = r#"<!DOCTYPE x [<!ENTITY a "&b;"><!ENTITY b "&a;">]><PMML/>"#;
    assert_eq!(artifact("m.pmml", circle.as_bytes()).anomalies, []);
}

#[test]
fn scripts_and_classes_of_the_engine_are_told() {
    let document = r#"<PMML><Header/><Extension><script type="text/javascript">run(1)</script></Extension>
        <Extension value="__import__('os').system('id')"/>
        <TreeModel><Apply function="java.lang.Runtime.exec"/><Apply function="max"/></TreeModel></PMML>"#;
    let found = artifact("m.pmml", document.as_bytes());
    let kinds: Vec<_> = found
        .embedded
        .iter()
        .map(|embedded| (embedded.kind, &*embedded.name))
        .collect();
    assert_eq!(
        kinds,
        [
            (EmbeddedKind::DocumentCode, "script"),
            (EmbeddedKind::DocumentCode, "value"),
            (EmbeddedKind::DocumentCode, "function"),
            (EmbeddedKind::CustomOperator, "java.lang.Runtime.exec")
        ]
    );
    assert_eq!(found.architecture.as_deref(), Some("TreeModel"));
}

#[test]
fn what_follows_the_root_belongs_to_nothing() {
    let mut bytes = LINEAR.as_bytes().to_vec();
    bytes.extend(b"<!-- the end -->\n");
    assert_eq!(artifact("m.pmml", &bytes).anomalies, []);
    bytes.extend(b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94.");
    let found = artifact("m.pmml", &bytes);
    assert_eq!(found.anomalies[0].kind, AnomalyKind::UnclaimedBytes);
}

#[test]
fn no_cut_makes_it_panic_and_none_takes_long() {
    survives_truncation("m.pmml", br#"<!DOCTYPE x [<!ENTITY e SYSTEM "a"><!ENTITY f "&e;">]><PMML a='b'><Apply function="a.b"/>t</PMML>"#);
    // A megabyte of what could be scanned again for every byte.
    for unit in [
        "<",
        "<a b='",
        "<!--",
        "<![CDATA[",
        "&a",
        "<!DOCTYPE x [",
        "<!ENTITY a '&a;",
        "<a b=c ",
    ] {
        let document = format!("<PMML>{}", unit.repeat(1_000_000 / unit.len()));
        report("m.pmml", document.as_bytes());
        let document = format!("<!DOCTYPE x [{}", unit.repeat(1_000_000 / unit.len()));
        report("m.pmml", document.as_bytes());
    }
}
