//! What is read of each format of model files: the facts of the smallest example, golden. Formats that no rule has an
//! example of are made here.

use std::collections::BTreeMap;

use stance_core::digest;
use stance_core::fact::Fact;
use stance_inspect::pickle::assemble::Pickle;
use stance_inspect::protobuf::assemble::Builder;
use stance_inspect::{catboost, msgpack, numpy, zip};
use stance_rules::{Content, Example, all, observe};

/// The files of all examples, those that rules find nothing in first, the smaller ones first.
fn files() -> Vec<(&'static str, Vec<u8>, Example)> {
    let files_of = |examples: &'static [Example]| {
        let alone = examples.iter().filter(|example| example.files.len() == 1);
        alone
            .filter_map(|example| {
                let (path, content) = example.files.first()?;
                let bytes = match content {
                    Content::Text(text) => text.as_bytes().to_vec(),
                    Content::Made(make) => make(),
                    _ => return None,
                };
                Some((*path, bytes, *example))
            })
            .collect::<Vec<_>>()
    };
    let order = |files: &mut Vec<(&'static str, Vec<u8>, Example)>| {
        files.sort_by_key(|(path, bytes, _)| (bytes.len(), *path, digest::sha256_hex(bytes)));
    };
    let mut good: Vec<_> = all().flat_map(|entry| files_of(entry.meta.good)).collect();
    let mut bad: Vec<_> = all().flat_map(|entry| files_of(entry.meta.bad)).collect();
    order(&mut good);
    order(&mut bad);
    good.extend(bad);
    good.extend(files_of(MORE));
    good
}

const MORE: &[Example] = &[
    stance_rules::text!(
        "model.txt",
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\n\
         objective=regression\nfeature_names=age income\nfeature_infos=[0:1] [0:9]\ntree_sizes=200\n\n\
         Tree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nsplit_gain=1\nthreshold=0.5\ndecision_type=2\n\
         left_child=-1\nright_child=-2\nleaf_value=0.1 -0.2\nleaf_weight=1 1\nleaf_count=1 1\n\
         internal_value=0\nis_linear=0\nshrinkage=0.1\n\n\nend of trees\n"
    ),
    stance_rules::text!(
        "model.json",
        r#"{"learner":{"attributes":{},"feature_names":["a"],"feature_types":["float"],"gradient_booster":{"model":{
"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"1"},"tree_info":[0],"trees":[{"base_weights":[0.1],"id":0,
"left_children":[-1],"right_children":[-1],"split_conditions":[0.5],"tree_param":{"num_deleted":"0","num_feature":"1",
"num_nodes":"1"}}]},"name":"gbtree"},"learner_model_param":{"base_score":"5E-1","num_class":"0","num_feature":"1"},
"objective":{"name":"reg:squarederror"}},"version":[2,1,4]}"#
    ),
    stance_rules::text!(
        "manifest",
        r#"{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
"artifactType": "application/vnd.cncf.model.manifest.v1+json",
"config": {"mediaType": "application/vnd.cncf.model.config.v1+json", "digest": "sha256:00", "size": 2},
"layers": [{"mediaType": "application/vnd.cncf.model.weight.v1.tar", "digest": "sha256:11", "size": 3,
"annotations": {"org.cncf.model.filepath": "weights/a.bin"}}]}"#
    ),
    stance_rules::made!("model.cbm", || catboost::assemble::model(
        "model_guid",
        "1a2b-3c4d"
    )),
    stance_rules::made!("flax_model.msgpack", flax),
    stance_rules::made!("model.npz", npz),
    stance_rules::made!("ggml-model.bin", ggml),
    stance_rules::made!("m.model", cntk),
    stance_rules::made!("m.pt", pytorch_legacy),
    stance_rules::made!("tokenizer.model", sentencepiece),
];

fn flax() -> Vec<u8> {
    use msgpack::assemble::{array, map};
    let layer = map(&[("kernel", array(4, "float32", &[1; 16]))]);
    map(&[("params", map(&[("Dense_0", layer)]))])
}

fn npz() -> Vec<u8> {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
    zip::assemble::zip(&[zip::assemble::part(
        "weights.npy",
        numpy::assemble::npy(header, &[1; 8]),
    )])
}

fn ggml() -> Vec<u8> {
    let mut bytes = b"tjgg".to_vec();
    for number in [3_u32, 1, 64, 256, 4, 2, 16, 0] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(b"a");
    bytes.extend(0_f32.to_le_bytes());
    for number in [1_u32, 4, 0, 16] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend(b"norm");
    bytes.resize(bytes.len().next_multiple_of(32), 0);
    bytes.resize(bytes.len() + 64, 0);
    bytes
}

fn cntk() -> Vec<u8> {
    let text = |value: &str| Builder::default().number(1, 1).number(2, 8).bytes(8, value);
    let entry = |key: &str, value: Builder| Builder::default().bytes(1, key).bytes(2, value);
    let function = Builder::default()
        .number(1, 1)
        .bytes(2, entry("type", text("PrimitiveFunction")));
    let inner = Builder::default()
        .number(1, 1)
        .number(2, 11)
        .bytes(12, function);
    let functions = Builder::default()
        .number(1, 1)
        .number(2, 10)
        .bytes(11, Builder::default().bytes(2, inner));
    Builder::default()
        .number(1, 1)
        .bytes(2, entry("type", text("CompositeFunction")))
        .bytes(2, entry("primitive_functions", functions))
        .build()
}

/// Magic number, protocol, system, object, keys of the storages, then each with its length.
fn pytorch_legacy() -> Vec<u8> {
    let mut bytes = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.".to_vec();
    bytes.extend(Pickle::protocol(2).raw(b"}").stop());
    bytes.extend(Pickle::protocol(2).raw(b"}").stop());
    bytes.extend(Pickle::protocol(2).raw(b"](X\x01\0\0\x000e").stop());
    bytes.extend(3_u64.to_le_bytes());
    bytes.extend([0; 12]);
    bytes
}

fn sentencepiece() -> Vec<u8> {
    let unknown = Builder::default()
        .bytes(1, "<unk>")
        .fixed32(2, 0)
        .number(3, 2);
    let piece = |text: &str| Builder::default().bytes(1, text).fixed32(2, 0x4000_0000);
    Builder::default()
        .bytes(1, unknown)
        .bytes(1, piece("a"))
        .bytes(1, piece("b"))
        .bytes(2, Builder::default().number(3, 2).number(4, 3))
        .build()
}

/// Long texts by their start and length, so that the golden files can be read.
fn shorten(line: &str) -> String {
    let count = line.chars().count();
    if count <= 300 {
        return line.to_owned();
    }
    let start: String = line.chars().take(200).collect();
    format!("{start}... ({count} characters)")
}

#[test]
fn the_facts_of_every_format_are_those_that_were_looked_at() {
    let mut golden = BTreeMap::<String, String>::new();
    for (path, bytes, example) in files() {
        let (observations, _) = observe(&example, "");
        // The file itself, not what it contains.
        let own = observations.iter().find_map(|observation| {
            match (&observation.fact, &*observation.subject == path) {
                (Fact::Artifact(artifact), true) => Some(artifact.format),
                _ => None,
            }
        });
        let Some(format) = own else { continue };
        golden.entry(format.title().to_owned()).or_insert_with(|| {
            let own = observations.iter().filter(|one| &*one.subject == path);
            let facts: Vec<_> = own.map(|one| &one.fact).collect();
            let facts = serde_json::to_string_pretty(&facts).unwrap();
            let facts: Vec<String> = facts.lines().map(shorten).collect();
            let facts = facts.join("\n");
            format!("{path}, {} bytes\n{facts}", bytes.len())
        });
    }
    // A format that no example shows would go unseen.
    insta::assert_snapshot!(
        "formats",
        golden.keys().cloned().collect::<Vec<_>>().join("\n")
    );
    for (format, facts) in &golden {
        let name: String = format
            .chars()
            .map(|letter| {
                if letter.is_ascii_alphanumeric() {
                    letter.to_ascii_lowercase()
                } else {
                    '_'
                }
            })
            .collect();
        insta::assert_snapshot!(format!("format_{name}"), facts);
    }
}
