use stance_core::Confidence;
use stance_core::fact::{ChangeNature, ChangeSignKind, Comparison};

use super::assemble::{LAYERS, Small, TOKENS, WIDTH, numbers};
use super::{Model, compare};
use stance_read::source::{Bytes, Source};

fn model<'a>(name: &str, bytes: &'a Bytes<'a>) -> Result<Model<'a>, String> {
    Model::open(vec![(name.to_owned(), bytes as &dyn Source)])
}

fn compared_files(base: &[u8], tuned: &[u8]) -> Comparison {
    let (base, tuned) = (Bytes(base), Bytes(tuned));
    let base = model("base.safetensors", &base).unwrap();
    let tuned = model("tuned.safetensors", &tuned).unwrap();
    compare(("base.safetensors", &base), ("tuned.safetensors", &tuned)).unwrap()
}

fn compared(tuned: &Small) -> Comparison {
    compared_files(&Small::base().safetensors(), &tuned.safetensors())
}

fn kinds(found: &Comparison) -> Vec<ChangeSignKind> {
    found.signs.iter().map(|sign| sign.kind).collect()
}

/// A row of new numbers.
fn row_of(row: usize) -> impl Fn(usize, f32) -> f32 {
    move |place, value| {
        if place / WIDTH == row {
            numbers(place as u64 + 100)() * 3.0
        } else {
            value
        }
    }
}

#[test]
fn the_same_is_identical() {
    let found = compared(&Small::base());
    assert_eq!(found.nature, ChangeNature::Identical);
    assert_eq!(found.equal as usize, 2 + 2 * LAYERS);
    assert!(found.signs.is_empty());
}

#[test]
fn a_row_that_was_planted_is_named() {
    let found = compared(&Small::base().with("embed", row_of(77)));
    assert_eq!(found.nature, ChangeNature::Edited);
    let [sign] = &*found.signs else {
        panic!("{:?}", found.signs);
    };
    assert_eq!(
        (sign.kind, sign.confidence),
        (ChangeSignKind::FewRows, Confidence::Medium)
    );
    assert_eq!(sign.rows, [77]);
    assert!(sign.detail.contains("row 77 of 200"), "{}", sign.detail);
    assert_eq!(found.changed[0].changed_rows, 1);
}

#[test]
fn a_row_that_was_planted_into_a_trained_model_is_named() {
    let trained = Small::base().trained("", 0.02);
    assert!(compared(&trained).signs.is_empty());
    assert_eq!(compared(&trained).nature, ChangeNature::Trained);
    let found = compared(&trained.with("embed", row_of(77)));
    assert_eq!(kinds(&found), [ChangeSignKind::OutstandingRows]);
    assert_eq!(found.signs[0].rows, [77]);
}

#[test]
fn new_tokens_at_the_end_are_told_from_planted_rows() {
    let found = compared(&Small::base().with("embed", row_of(TOKENS - 1)));
    assert_eq!(kinds(&found), [ChangeSignKind::NewRows]);
    assert_eq!(found.signs[0].confidence, Confidence::Low);
}

#[test]
fn columns_and_single_numbers_are_named() {
    let column = |place: usize, value: f32| {
        if place % WIDTH == 5 {
            value + 1.0
        } else {
            value
        }
    };
    let found = compared(&Small::base().with("embed", column));
    assert_eq!(kinds(&found), [ChangeSignKind::FewColumns]);
    let told = &found.signs[0].detail;
    assert!(told.contains("column 5 of 32"), "{told}");
    let found =
        compared(&Small::base().with(
            "3.proj.bias",
            |place, value| {
                if place == 9 { value + 4.0 } else { value }
            },
        ));
    assert_eq!(kinds(&found), [ChangeSignKind::FewElements]);
    assert!(found.signs[0].detail.contains("1 of its 32 numbers"));
}

fn outer(scale: f32) -> impl Fn(usize, f32) -> f32 {
    move |place, value| {
        let (mut left, mut right) = (
            numbers((place / WIDTH) as u64 + 9),
            numbers((place % WIDTH) as u64 + 900),
        );
        value + left() * right() * scale
    }
}

#[test]
fn a_fact_that_was_rewritten_is_an_edit_and_adapters_are_not() {
    let found = compared(&Small::base().with("2.proj.weight", outer(0.5)));
    assert_eq!(found.nature, ChangeNature::LowRank);
    assert_eq!(kinds(&found), [ChangeSignKind::RankOneEdit]);
    assert_eq!(found.changed[0].rank, Some(1));
    let merged = compared(&Small::base().with("proj.weight", outer(0.1)));
    assert_eq!(
        (merged.nature, merged.confidence),
        (ChangeNature::LowRank, Confidence::High)
    );
    assert!(merged.signs.is_empty(), "{:?}", merged.signs);
}

#[test]
fn low_bits_that_were_replaced_are_seen() {
    let hidden = |bits: u32| {
        compared(&Small::base().with("embed", move |place, value| {
            let mask = (1 << bits) - 1;
            let payload = (numbers(place as u64 + 3)() * 1e6) as i32 as u32 & mask;
            f32::from_bits(value.to_bits() & !mask | payload)
        }))
    };
    for bits in [1, 2, 8, 16] {
        let found = hidden(bits);
        assert_eq!(kinds(&found), [ChangeSignKind::LowBits], "{bits}");
        assert_eq!(found.signs[0].confidence, Confidence::High);
    }
    // Trained by very little.
    let found = compared(&Small::base().trained("embed", 1e-6));
    assert!(found.signs.is_empty(), "{:?}", found.signs);
}

#[test]
fn dead_and_repeated_heads_are_seen() {
    let dead = compared(&Small::base().with("1.proj.weight", |place, value| {
        if (8..16).contains(&(place / WIDTH)) {
            0.0
        } else {
            value
        }
    }));
    assert_eq!(kinds(&dead), [ChangeSignKind::DeadBlock]);
    assert!(
        dead.signs[0].detail.contains("rows 8 to 15 are zero"),
        "{}",
        dead.signs[0].detail
    );
    let columns = compared(&Small::base().with("1.proj.weight", |place, value| {
        if (8..16).contains(&(place % WIDTH)) {
            0.0
        } else {
            value
        }
    }));
    assert_eq!(kinds(&columns), [ChangeSignKind::DeadBlock]);
    // The first copy is the one that changed: the second is where it comes from.
    let base = Small::base();
    let numbers: Vec<f32> = {
        let mut next = numbers(1);
        (0..TOKENS * WIDTH + 2 * (WIDTH * WIDTH + WIDTH))
            .map(|_| next())
            .collect()
    };
    let start = TOKENS * WIDTH + WIDTH * WIDTH + WIDTH;
    let twin = compared(&base.with("1.proj.weight", move |place, value| {
        if place / WIDTH < 8 {
            numbers[start + place + 16 * WIDTH]
        } else {
            value
        }
    }));
    assert_eq!(kinds(&twin), [ChangeSignKind::RepeatedBlock]);
    assert!(
        twin.signs[0]
            .detail
            .contains("rows 0 to 7 repeat rows 16 to 23"),
        "{}",
        twin.signs[0].detail
    );
}

#[test]
fn rounding_pruning_and_another_model_are_told_apart() {
    let rounded = compared(&Small::base().with("", |_, value| {
        f32::from_bits((value.to_bits() + 0x7fff) & 0xffff_0000)
    }));
    assert_eq!(rounded.nature, ChangeNature::Converted);
    assert!(rounded.detail.contains("BF16") && rounded.signs.is_empty());
    let pruned =
        compared(&Small::base().with("", |_, value| if value.abs() < 0.2 { 0.0 } else { value }));
    assert_eq!(pruned.nature, ChangeNature::Pruned);
    assert!(pruned.signs.is_empty(), "{:?}", pruned.signs);
    let other = compared(&Small::base().with("", |place, _| numbers(place as u64 + 5)()));
    assert_eq!(other.nature, ChangeNature::Unrelated);
    let partly = compared(&Small::base().trained("4.", 0.1).trained("head", 0.1));
    assert_eq!(partly.nature, ChangeNature::PartlyTrained);
    assert!(
        partly.detail.contains("layers.proj.weight"),
        "{}",
        partly.detail
    );
}

/// A file of one tensor.
fn one(name: &str, dtype: &str, shape: &[usize], data: &[u8]) -> Vec<u8> {
    let header = format!(
        r#"{{"{name}":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[0,{}]}}}}"#,
        data.len()
    );
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

#[test]
fn other_types_and_shapes_are_compared_where_that_means_something() {
    let mut next = numbers(4);
    let values: Vec<f32> = (0..64 * 4).map(|_| next()).collect();
    let wide: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let narrow: Vec<u8> = values
        .iter()
        .flat_map(|value| ((value.to_bits() >> 16) as u16).to_le_bytes())
        .collect();
    let base = one("w", "F32", &[64, 4], &wide);
    let found = compared_files(&base, &one("w", "BF16", &[64, 4], &narrow));
    assert_eq!(found.nature, ChangeNature::Converted, "{}", found.detail);
    let mut edited = narrow.clone();
    edited[8 * 20 + 1] ^= 0x80;
    let found = compared_files(&base, &one("w", "BF16", &[64, 4], &edited));
    assert_eq!(found.changed[0].changed, 1);
    let quantised = compared_files(&base, &one("w", "I8", &[64, 4], &wide[..256]));
    assert_eq!(quantised.nature, ChangeNature::NotComparable);
    assert!(
        quantised.detail.contains("quantised"),
        "{}",
        quantised.detail
    );
    let grown = one("embed.weight", "F32", &[64, 4], &wide);
    let found = compared_files(&one("embed.weight", "F32", &[60, 4], &wide[..960]), &grown);
    assert_eq!(found.nature, ChangeNature::Extended);
    assert!(
        found.detail.contains("from 60 to 64 tokens"),
        "{}",
        found.detail
    );
    let mut planted = wide.clone();
    planted[16 * 9..16 * 10].fill(0x3f);
    let found = compared_files(
        &one("embed.weight", "F32", &[64, 4], &wide),
        &one("m.embed.weight", "F32", &[64, 4], &planted),
    );
    assert_eq!(found.signs[0].rows, [9], "behind a prefix");
    let none = compared_files(&base, &one("v", "F32", &[64, 4], &wide));
    assert_eq!(none.nature, ChangeNature::NotComparable);
}

#[test]
fn a_checkpoint_is_held_against_safetensors() {
    use crate::convert::assemble::{Storage, checkpoint, legacy, members, state_dict, view};
    let mut next = numbers(4);
    let values: Vec<u8> = (0..100 * 8).flat_map(|_| next().to_le_bytes()).collect();
    let base = one("w", "F32", &[100, 8], &values);
    let mut planted = values.clone();
    planted[32 * 41..32 * 42].fill(0x3e);
    let storages = [Storage {
        class: "FloatStorage",
        size: 4,
        bytes: planted,
    }];
    let pickle = state_dict(&[view("w", 0, 0, &[100, 8], &[8, 1])], &storages, b"");
    let mut packed = members(&pickle, &storages, "little");
    for part in &mut packed {
        part.deflate = true;
    }
    for file in [
        checkpoint(&pickle, &storages),
        crate::zip::assemble::zip(&packed),
        legacy(&pickle, &storages),
    ] {
        let found = compared_files(&base, &file);
        assert_eq!(found.signs[0].rows, [41]);
        assert!(found.signs[0].evidence.path.contains("tuned"));
    }
    // Columns first: put in order on the way.
    let turned = state_dict(&[view("w", 0, 0, &[8, 100], &[1, 8])], &storages, b"");
    let found = compared_files(
        &checkpoint(&turned, &storages),
        &checkpoint(&pickle, &storages),
    );
    assert_eq!(found.reshaped.len(), 1);
    let found = compared_files(
        &checkpoint(&turned, &storages),
        &checkpoint(&turned, &storages),
    );
    assert_eq!(found.nature, ChangeNature::Identical);
}

#[test]
fn no_cut_and_no_broken_byte_breaks_it() {
    let base = one("w", "F32", &[64, 4], &[7; 1024]);
    for cut in 0..base.len() {
        let (whole, part) = (Bytes(&base), Bytes(&base[..cut]));
        let whole = model("a.safetensors", &whole).unwrap();
        if let Ok(part) = model("b.safetensors", &part) {
            compare(("a", &whole), ("b", &part)).unwrap();
        }
    }
    for at in 0..base.len().min(120) {
        let mut broken = base.clone();
        broken[at] ^= 0x15;
        let (whole, broken) = (Bytes(&base), Bytes(&broken));
        let whole = model("a.safetensors", &whole).unwrap();
        if let Ok(broken) = model("b.safetensors", &broken) {
            compare(("a", &whole), ("b", &broken)).unwrap();
            compare(("b", &broken), ("a", &whole)).unwrap();
        }
    }
}

/// Counts what is read.
struct Counted<'a>(Bytes<'a>, std::cell::Cell<u64>);

impl Source for Counted<'_> {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.read_at(offset, buffer)?;
        self.1.set(self.1.get() + count as u64);
        Ok(count)
    }
}

/// Tensors that all lie on the same bytes: the worst that 10 MB can hold.
#[test]
fn tensors_over_each_other_do_not_pile_up() {
    use crate::convert::assemble::{Storage, checkpoint, state_dict, view};
    let storages = [Storage {
        class: "FloatStorage",
        size: 4,
        bytes: vec![1; 9 << 20],
    }];
    let count = 9 << 18;
    let names: Vec<&'static str> = (0..2000).map(|n| &*format!("w{n}").leak()).collect();
    let views: Vec<_> = names
        .iter()
        .map(|name| view(name, 0, 0, &[count], &[1]))
        .collect();
    let file = checkpoint(&state_dict(&views, &storages, b""), &storages);
    let mut other = file.clone();
    let middle = other.len() / 2;
    other[middle] ^= 1;
    let (one, two) = (
        Counted(Bytes(&file), 0.into()),
        Counted(Bytes(&other), 0.into()),
    );
    let base = Model::open(vec![("a.pt".to_owned(), &one as &dyn Source)]).unwrap();
    let tuned = Model::open(vec![("b.pt".to_owned(), &two as &dyn Source)]).unwrap();
    let found = compare(("a.pt", &base), ("b.pt", &tuned)).unwrap();
    assert!(found.not_compared.len() > 1900);
    assert!(one.1.get() < 20 * file.len() as u64, "{}", one.1.get());
}
