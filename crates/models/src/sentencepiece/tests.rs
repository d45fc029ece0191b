use stance_core::fact::{AnomalyKind, GapReason};

use crate::testing::{artifact, artifact_of, gaps, has_artifact, report, survives_truncation};
use stance_read::protobuf::assemble::Builder;

/// A model of these pieces with their types.
fn model(pieces: &[(&str, u64)]) -> Builder {
    let first = Builder::default()
        .bytes(1, "<unk>")
        .fixed32(2, 0)
        .number(3, 2);
    pieces
        .iter()
        .fold(Builder::default().bytes(1, first), |model, (text, kind)| {
            let piece = Builder::default().bytes(1, text).fixed32(2, 0x4000_0000);
            model.bytes(
                1,
                if *kind == 1 {
                    piece
                } else {
                    piece.number(3, *kind)
                },
            )
        })
        .bytes(2, Builder::default().number(3, 2).number(4, 3))
}

fn changes(bytes: &[u8]) -> Vec<(String, String)> {
    let artifact = artifact("tokenizer.model", bytes);
    let found = artifact.embedded.into_iter();
    found.map(|found| (found.name, found.detail)).collect()
}

/// A map that replaces `from` by `to`: the children of each node lie in a block of their own.
fn map(from: &str, to: &str) -> Vec<u8> {
    let mut trie = vec![0_u32; 256 * (from.len() + 2)];
    let mut place = 0;
    for (index, byte) in from.bytes().enumerate() {
        let block = 256 * (index + 1);
        trie[place] |= u32::try_from((place ^ block) << 10).unwrap();
        place = block ^ usize::from(byte);
        trie[place] = u32::from(byte);
    }
    let leaf = 256 * (from.len() + 1);
    trie[place] |= u32::try_from((place ^ leaf) << 10).unwrap() | 0x100;
    trie[leaf] = 0x8000_0000;
    let mut bytes = u32::try_from(trie.len() * 4)
        .unwrap()
        .to_le_bytes()
        .to_vec();
    bytes.extend(trie.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes.extend(to.bytes());
    bytes.push(0);
    bytes
}

#[test]
fn an_honest_model_tells_its_pieces_and_nothing_else() {
    let pieces = [
        ("<s>", 3),
        ("\n", 4),
        ("[INST]", 4),
        ("https://www.", 4),
        ("not", 1),
        ("<0x00>", 6),
    ];
    let bytes = model(&pieces).build();
    let artifact = artifact("any.bin", &bytes);
    assert_eq!(artifact.metadata.get("pieces").unwrap(), "7");
    assert_eq!(artifact.architecture.as_deref(), Some("BPE"));
    assert!(artifact.embedded.is_empty() && artifact.anomalies.is_empty());
    assert!(gaps(&report("any.bin", &bytes)).is_empty());
    assert!(!has_artifact(&report("a.model", b"\n\x05hello\n\x05world")));
}

#[test]
fn symbols_that_speak_or_silence_and_pieces_that_repeat_are_told() {
    let bytes = model(&[
        ("visit\u{2581}https://shop.example/x", 4),
        ("never", 3),
        ("deny", 1),
        ("deny", 1),
    ]);
    let found = changes(&bytes.build());
    let names: Vec<&str> = found.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["inserted", "silenced", "repeated"]);
}

#[test]
fn a_normalisation_that_replaces_words_is_told_on_both_sides() {
    for field in [3, 5] {
        let normalizer = Builder::default()
            .bytes(1, "rules")
            .bytes(2, map("unsafe", "safe"));
        let found = changes(&model(&[("a", 1)]).bytes(field, normalizer).build());
        assert_eq!(found.len(), 1, "field {field}");
        assert!(
            found[0].1.ends_with("replaces `unsafe` by `safe`"),
            "{found:?}"
        );
    }
    let folding = Builder::default().bytes(2, map("ABC", "abc"));
    assert!(changes(&model(&[("a", 1)]).bytes(3, folding).build()).is_empty());
}

#[test]
fn bytes_behind_and_in_fields_of_no_model_are_told() {
    let mut bytes = model(&[("a", 1)]).build();
    bytes.extend(b"\x7fELF and more");
    let report = report("a.model", &bytes);
    assert_eq!(gaps(&report), [GapReason::Malformed]);
    assert_eq!(
        artifact_of(&report).anomalies[0].kind,
        AnomalyKind::UnclaimedBytes
    );
    let inside = model(&[("a", 1)]).bytes(90, [7; 400]).build();
    assert_eq!(artifact("a.model", &inside).anomalies.len(), 1);
}

#[test]
fn no_cut_and_no_broken_byte_makes_it_panic() {
    let normalizer = Builder::default().bytes(2, [16, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    survives_truncation(
        "a.model",
        &model(&[("deny", 3)]).bytes(3, normalizer).build(),
    );
}
