//! What a user relies on: the same elements in the same order, whatever lies between; everything else
//! said; and no file, however made, that breaks or exhausts the reader.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::assemble::{Storage, View, checkpoint, floats, legacy, members, state_dict, view};
use super::*;
use crate::zip::assemble::{part, zip};
use stance_models::numpy::assemble::npy;
use stance_pickle::assemble::Pickle;
use stance_read::source::{Bytes, Source};

/// Type, shape and bytes by name; and the metadata.
type Read = (
    BTreeMap<String, (String, Vec<u64>, Vec<u8>)>,
    BTreeMap<String, String>,
);

fn convert(file: &[u8], wishes: &Wishes<'_>) -> Result<(Vec<u8>, Plan), Error> {
    let source = Bytes(file);
    let plan = Plan::new(&open(&source)?, &source, wishes)?;
    let mut out = Vec::new();
    plan.write(&source, &mut out)?;
    plan.verify(&source, &Bytes(&out))?;
    assert_eq!(plan.length(), out.len() as u64);
    Ok((out, plan))
}

fn read(file: &[u8]) -> Read {
    let length = usize::try_from(u64::from_le_bytes(file[..8].try_into().unwrap())).unwrap();
    assert_eq!(length % 8, 0);
    let json: serde_json::Value = serde_json::from_slice(&file[8..8 + length]).unwrap();
    let data = &file[8 + length..];
    let mut tensors = BTreeMap::new();
    let mut metadata = BTreeMap::new();
    for (name, entry) in json.as_object().unwrap() {
        if name == "__metadata__" {
            for (key, value) in entry.as_object().unwrap() {
                metadata.insert(key.clone(), value.as_str().unwrap().to_owned());
            }
            continue;
        }
        let number = |value: &serde_json::Value| value.as_u64().unwrap();
        let shape = entry["shape"].as_array().unwrap().iter().map(number);
        let start = usize::try_from(number(&entry["data_offsets"][0])).unwrap();
        let end = usize::try_from(number(&entry["data_offsets"][1])).unwrap();
        tensors.insert(
            name.clone(),
            (
                entry["dtype"].as_str().unwrap().to_owned(),
                shape.collect(),
                data[start..end].to_vec(),
            ),
        );
    }
    (tensors, metadata)
}

fn tensors(file: &[u8]) -> BTreeMap<String, (String, Vec<u64>, Vec<u8>)> {
    read(&convert(file, &Wishes::default()).unwrap().0).0
}

/// The elements of a view, found one by one.
fn naive(view: &View, storage: &Storage) -> Vec<u8> {
    let mut all = Vec::new();
    let count: i32 = view.shape.iter().product();
    for number in 0..count {
        let mut rest = number;
        let mut at = view.offset;
        for (side, stride) in view.shape.iter().zip(&view.strides).rev() {
            at += rest % side * stride;
            rest /= side;
        }
        let at = usize::try_from(at).unwrap() * storage.size;
        all.extend(&storage.bytes[at..at + storage.size]);
    }
    all
}

fn views() -> Vec<View> {
    vec![
        view("whole", 0, 0, &[4, 6], &[6, 1]),
        view("transposed", 0, 0, &[6, 4], &[1, 6]),
        view("sliced", 0, 7, &[2, 3], &[6, 2]),
        view("expanded", 0, 3, &[5, 2], &[0, 1]),
        view("scalar", 0, 11, &[], &[]),
        view("empty", 0, 0, &[0, 3], &[3, 1]),
        view("cube", 1, 1, &[2, 3, 2], &[1, 4, 2]),
        view("overlapping", 1, 0, &[4, 3], &[2, 1]),
    ]
}

fn storages() -> Vec<Storage> {
    vec![
        floats(24),
        Storage {
            class: "ShortStorage",
            size: 2,
            bytes: (0..40).collect(),
        },
    ]
}

#[test]
fn every_view_comes_out_element_by_element_from_both_formats() {
    let (views, storages) = (views(), storages());
    let pickle = state_dict(&views, &storages, b"");
    let new = tensors(&checkpoint(&pickle, &storages));
    let old = tensors(&legacy(&pickle, &storages));
    assert_eq!(new, old);
    assert_eq!(new.len(), views.len());
    for view in &views {
        let (dtype, shape, bytes) = &new[view.name];
        let storage = &storages[view.storage];
        assert_eq!(dtype, if storage.size == 4 { "F32" } else { "I16" });
        let sides: Vec<u64> = view
            .shape
            .iter()
            .map(|side| u64::try_from(*side).unwrap())
            .collect();
        assert_eq!(*shape, sides, "{}", view.name);
        assert_eq!(*bytes, naive(view, storage), "{}", view.name);
    }
}

#[test]
fn large_tensors_in_another_order_are_put_in_order_block_by_block() {
    // More than one block, in every kind of order.
    let storage = Storage {
        class: "IntStorage",
        size: 4,
        bytes: (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect(),
    };
    let views = [
        view("columns", 0, 0, &[3000, 1000], &[1, 3000]),
        view("rows", 0, 0, &[1000, 3000], &[1, 1000]),
        view("inner", 0, 0, &[1, 10, 1000, 300], &[7, 300_000, 1, 1000]),
        view("outer", 0, 5, &[300, 2, 4000], &[3, 1000, 700]),
    ];
    let storages = [storage];
    for view in &views {
        let one = std::slice::from_ref(view);
        let file = checkpoint(&state_dict(one, &storages, b""), &storages);
        let counting = Counting::new(&file);
        let plan = Plan::new(&open(&counting).unwrap(), &counting, &Wishes::default()).unwrap();
        let before = counting.reads.get();
        let mut out = Vec::new();
        plan.write(&counting, &mut out).unwrap();
        let found = read(&out).0;
        assert!(
            found[view.name].2 == naive(view, &storages[0]),
            "{}",
            view.name
        );
        let reads = counting.reads.get() - before;
        assert!(reads < 60_000, "{} took {reads} reads", view.name);
    }
}

/// A source that counts how often it is read.
struct Counting<'a> {
    bytes: Bytes<'a>,
    reads: Cell<u64>,
    largest: Cell<usize>,
}

impl<'a> Counting<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes: Bytes(bytes),
            reads: Cell::new(0),
            largest: Cell::new(0),
        }
    }
}

impl Source for Counting<'_> {
    fn len(&self) -> u64 {
        self.bytes.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.reads.set(self.reads.get() + 1);
        self.largest.set(self.largest.get().max(buffer.len()));
        self.bytes.read_at(offset, buffer)
    }
}

/// A checkpoint whose one storage claims to be of any size and is zeros.
struct Huge {
    head: Vec<u8>,
    storage: u64,
    tail: Vec<u8>,
    largest: Cell<usize>,
}

impl Source for Huge {
    fn len(&self) -> u64 {
        self.head.len() as u64 + self.storage + self.tail.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.largest.set(self.largest.get().max(buffer.len()));
        let mut count = 0;
        for place in buffer.iter_mut() {
            let at = offset + count as u64;
            *place = if at < self.head.len() as u64 {
                self.head[usize::try_from(at).unwrap()]
            } else if at < self.head.len() as u64 + self.storage {
                0
            } else if at < self.len() {
                let at = at - self.head.len() as u64 - self.storage;
                self.tail[usize::try_from(at).unwrap()]
            } else {
                break;
            };
            count += 1;
        }
        Ok(count)
    }
}

#[test]
fn a_large_checkpoint_is_copied_in_pieces_and_opening_it_does_not_read_it() {
    let count: i32 = 8 << 20;
    let elements = 8_u64 << 20;
    let storages = [Storage {
        class: "ByteStorage",
        size: 1,
        bytes: Vec::new(),
    }];
    let views = [view("w", 0, 0, &[count], &[1])];
    let pickle = state_dict(&views, &storages, b"");
    // The number of elements stands in two places: in the pickle, and before the storage.
    let empty = legacy(&pickle, &storages);
    let mut head = empty[..empty.len() - 8].to_vec();
    let needle = Pickle::bare().text("cpu").int(0).unfinished();
    let at = head
        .windows(needle.len())
        .position(|window| window == needle)
        .unwrap();
    let number = at + needle.len() - 4;
    head[number..number + 4].copy_from_slice(&count.to_le_bytes());
    head.extend(elements.to_le_bytes());
    let huge = Huge {
        head,
        storage: elements,
        tail: Vec::new(),
        largest: Cell::new(0),
    };
    let opened = open(&huge).unwrap();
    assert!(huge.largest.get() <= 256 * 1024);
    let plan = Plan::new(&opened, &huge, &Wishes::default()).unwrap();
    plan.write(&huge, &mut std::io::sink()).unwrap();
    assert!(huge.largest.get() <= 1 << 20, "{}", huge.largest.get());
}

#[test]
fn a_file_of_the_other_byte_order_gives_the_same_result() {
    let (views, storages) = (views(), storages());
    let pickle = state_dict(&views, &storages, b"");
    let mut swapped = storages.clone();
    for storage in &mut swapped {
        storage
            .bytes
            .chunks_exact_mut(storage.size)
            .for_each(<[u8]>::reverse);
    }
    let big = zip(&members(&pickle, &swapped, "big"));
    assert_eq!(tensors(&big), tensors(&checkpoint(&pickle, &storages)));
}

#[test]
fn shared_tensors_are_written_once_unless_copies_are_asked_for() {
    let storages = storages();
    let views = [
        view("b.tied", 0, 0, &[4, 6], &[6, 1]),
        view("a.weight", 0, 0, &[4, 6], &[6, 1]),
        view("c.part", 0, 6, &[6], &[1]),
        view("e.nothing", 0, 0, &[0], &[1]),
        view("f.nothing", 0, 0, &[0], &[1]),
    ];
    let file = checkpoint(&state_dict(&views, &storages, b""), &storages);
    let (found, metadata) = read(&convert(&file, &Wishes::default()).unwrap().0);
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(names, ["a.weight", "c.part", "e.nothing", "f.nothing"]);
    assert_eq!(metadata["b.tied"], "a.weight");
    assert_eq!(metadata["format"], "pt");
    let copies = Wishes {
        shared: Shared::Copy,
        ..Wishes::default()
    };
    let (found, metadata) = read(&convert(&file, &copies).unwrap().0);
    assert_eq!(found["a.weight"], found["b.tied"]);
    assert_eq!(metadata.len(), 1);
}

#[test]
fn tensors_stand_in_the_order_of_the_safetensors_library_and_runs_are_equal() {
    let storages = storages();
    let views = [
        view("z", 0, 0, &[2], &[1]),
        view("b", 1, 0, &[2], &[1]),
        view("a", 1, 2, &[2], &[1]),
        view("y", 0, 2, &[2], &[1]),
    ];
    let file = checkpoint(&state_dict(&views, &storages, b""), &storages);
    let (one, plan) = convert(&file, &Wishes::default()).unwrap();
    let names: Vec<&str> = plan
        .tensors
        .iter()
        .map(|tensor| tensor.name.as_str())
        .collect();
    assert_eq!(names, ["y", "z", "a", "b"]);
    assert_eq!(one, convert(&file, &Wishes::default()).unwrap().0);
}

/// `{"model": {"w": tensor}, "optimizer": [tensor, 1], "epoch": 3}`
fn training(storages: &[Storage]) -> Vec<u8> {
    let one = view("w", 0, 0, &[2], &[1]);
    let mut pickle = Pickle::protocol(2)
        .raw(b"}")
        .mark()
        .text("model")
        .raw(b"}")
        .text("w");
    pickle = assemble::tensor(pickle, &one, storages).raw(b"s");
    pickle = pickle.text("optimizer").raw(b"]").mark();
    pickle = assemble::tensor(pickle, &one, storages);
    pickle
        .int(1)
        .raw(b"e")
        .text("epoch")
        .int(3)
        .raw(b"u")
        .stop()
}

#[test]
fn weights_are_found_where_checkpoints_keep_them_and_the_rest_is_said() {
    let storages = storages();
    let file = checkpoint(&training(&storages), &storages);
    let (out, plan) = convert(&file, &Wishes::default()).unwrap();
    assert_eq!(read(&out).0.keys().collect::<Vec<_>>(), ["w"]);
    assert_eq!(plan.key, "model");
    let left: Vec<String> = plan
        .left
        .iter()
        .map(|left| format!("{}: {}", left.path, left.what))
        .collect();
    assert_eq!(
        left,
        ["optimizer: 1 tensor and 1 other value", "epoch: an integer"]
    );

    let named = |key| Wishes {
        key: Some(key),
        ..Wishes::default()
    };
    let (out, _) = convert(&file, &named("optimizer")).unwrap();
    assert_eq!(read(&out).0.keys().collect::<Vec<_>>(), ["0"]);
    let (out, _) = convert(&file, &named("")).unwrap();
    assert_eq!(read(&out).0.keys().collect::<Vec<_>>(), ["model.w"]);
    let (out, _) = convert(&file, &named("optimizer.0")).unwrap();
    assert_eq!(read(&out).0.keys().collect::<Vec<_>>(), ["tensor"]);
    match convert(&file, &named("optimiser")) {
        Err(Error::NoSuchKey { known, .. }) => assert!(known.contains("optimizer"), "{known}"),
        other => panic!("{other:?}"),
    }
    match convert(&file, &named("epoch")) {
        Err(error @ Error::NoTensors(_)) => {
            assert!(error.to_string().contains("an integer"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_whole_module_gives_what_its_state_dict_would_give() {
    let storages = storages();
    let tensor = |pickle, name, offset| {
        assemble::tensor(pickle, &view(name, 0, offset, &[2], &[1]), &storages)
    };
    // A module with a parameter, a None, two buffers of which one passes, and a module inside.
    let mut pickle = Pickle::protocol(2)
        .global("my.models", "Net")
        .raw(b")\x81}")
        .mark();
    pickle = pickle
        .text("training")
        .raw(&[0x88])
        .text("_parameters")
        .raw(b"}")
        .mark();
    pickle = tensor(pickle.text("weight"), "weight", 0)
        .text("bias")
        .raw(b"Nu");
    pickle = pickle.text("_buffers").raw(b"}").mark();
    pickle = tensor(pickle.text("steps"), "steps", 2);
    pickle = tensor(pickle.text("passing"), "passing", 4).raw(b"u");
    pickle = pickle
        .text("_non_persistent_buffers_set")
        .global("__builtin__", "set");
    pickle = pickle.raw(b"]").text("passing").raw(b"a\x85R");
    pickle = pickle
        .text("_modules")
        .raw(b"}")
        .text("inner")
        .global("my.models", "Layer");
    pickle = pickle.raw(b")\x81}").mark().text("_parameters").raw(b"}");
    pickle = tensor(pickle.text("w"), "w", 6)
        .raw(b"s")
        .text("_modules")
        .raw(b"}ubs");
    let pickle = pickle.raw(b"ub").stop();
    let file = checkpoint(&pickle, &storages);
    let (out, _) = convert(&file, &Wishes::default()).unwrap();
    let names: Vec<String> = read(&out).0.into_keys().collect();
    assert_eq!(names, ["inner.w", "steps", "weight"]);
}

#[test]
fn what_safetensors_cannot_hold_is_left_behind_and_named() {
    let mut storages = storages();
    storages.push(Storage {
        class: "ComplexDoubleStorage",
        size: 16,
        bytes: vec![0; 32],
    });
    let views = [
        view("good", 0, 0, &[2], &[1]),
        view("complex", 2, 0, &[2], &[1]),
        view("outside", 0, 20, &[5], &[1]),
        view("gone", 7, 0, &[1], &[1]),
    ];
    let file = checkpoint(&state_dict(&views, &storages, b""), &storages);
    let (out, plan) = convert(&file, &Wishes::default()).unwrap();
    assert_eq!(read(&out).0.keys().collect::<Vec<_>>(), ["good"]);
    let why = |path: &str| {
        let left = plan.left.iter().find(|left| left.path == path);
        left.unwrap_or_else(|| panic!("{path} in {:?}", plan.left))
            .what
            .clone()
    };
    assert!(why("complex").contains("complex128"));
    assert!(why("outside").contains("reaches to byte 100"));
    assert!(why("gone").contains("not in the file"));
}

#[test]
fn types_newer_than_their_storages_are_named_by_the_call() {
    let storages = [Storage {
        class: "UntypedStorage",
        size: 1,
        bytes: (0..16).collect(),
    }];
    let typed = |pickle: Pickle, name: &str, dtype: &str, offset: i32| {
        pickle
            .text(name)
            .global("torch._utils", "_rebuild_tensor_v3")
            .raw(b"((")
            .text("storage")
            .global("torch.storage", "UntypedStorage")
            .text("0")
            .text("cpu")
            .int(16)
            .raw(b"tQ")
            .int(offset)
            .int(3)
            .tuple_of(1)
            .int(2)
            .tuple_of(1)
            .raw(&[0x89])
            .global("collections", "OrderedDict")
            .raw(b")R")
            .global("torch", dtype)
            .raw(b"tR")
    };
    let mut pickle = Pickle::protocol(2).raw(b"}").mark();
    for (name, dtype) in [
        ("e4", "float8_e4m3fn"),
        ("e5", "float8_e5m2"),
        ("u2", "uint16"),
    ] {
        pickle = typed(pickle, name, dtype, 1);
    }
    // One that safetensors has not.
    pickle = typed(pickle, "other", "float8_e4m3fnuz", 0);
    let file = checkpoint(&pickle.raw(b"u").stop(), &storages);
    let (out, plan) = convert(&file, &Wishes::default()).unwrap();
    let found = read(&out).0;
    assert_eq!(found["e4"], ("F8_E4M3".to_owned(), vec![3], vec![1, 3, 5]));
    assert_eq!(found["e5"].0, "F8_E5M2");
    assert_eq!(
        found["u2"],
        ("U16".to_owned(), vec![3], vec![2, 3, 6, 7, 10, 11])
    );
    assert!(plan.left[0].what.contains("float8_e4m3fnuz"));
}

#[test]
fn a_payload_is_reported_and_does_not_change_the_result() {
    let (views, storages) = (views(), storages());
    let call = Pickle::bare()
        .global("os", "system")
        .text("id")
        .tuple_of(1)
        .reduce();
    let hostile = state_dict(&views, &storages, &call.raw(b"0").unfinished());
    let honest = state_dict(&views, &storages, b"");
    for write in [checkpoint, legacy] {
        let (out, plan) = convert(&write(&hostile, &storages), &Wishes::default()).unwrap();
        assert_eq!(
            out,
            convert(&write(&honest, &storages), &Wishes::default())
                .unwrap()
                .0
        );
        assert_eq!(plan.calls[0].callable, "os.system");
    }
}

/// `_reconstruct` and the state that follows, as NumPy pickles an array of little-endian floats.
fn array(
    pickle: Pickle,
    shape: &[i32],
    order: &str,
    column_major: bool,
    content: Pickle,
) -> Pickle {
    let mut pickle = pickle
        .global("numpy.core.multiarray", "_reconstruct")
        .global("numpy", "ndarray")
        .int(0)
        .tuple_of(1)
        .bytes(b"b")
        .tuple_of(3)
        .reduce()
        .mark()
        .int(1)
        .mark();
    for side in shape {
        pickle = pickle.int(*side);
    }
    pickle
        .tuple()
        .global("numpy", "dtype")
        .text("f4")
        .raw(&[0x89, 0x88, 0x87, b'R'])
        .mark()
        .int(3)
        .text(order)
        .raw(b"NNN")
        .int(-1)
        .int(-1)
        .int(0)
        .tuple()
        .build()
        .raw(&[if column_major { 0x88 } else { 0x89 }])
        .raw(&content.unfinished())
        .tuple()
        .build()
}

#[test]
fn arrays_of_numpy_are_found_in_pickles_of_every_form() {
    let numbers: Vec<u8> = floats(6).bytes;
    let swapped: Vec<u8> = numbers
        .chunks_exact(4)
        .flat_map(|one| one.iter().rev().copied())
        .collect();
    let text: String = numbers.iter().map(|byte| char::from(*byte)).collect();
    let encoded = Pickle::bare()
        .global("_codecs", "encode")
        .text(&text)
        .text("latin1")
        .tuple_of(2)
        .reduce();
    let mut pickle = Pickle::protocol(2).raw(b"}").mark();
    pickle = array(
        pickle.text("plain"),
        &[2, 3],
        "<",
        false,
        Pickle::bare().bytes(&numbers),
    );
    pickle = array(
        pickle.text("other order"),
        &[2, 3],
        ">",
        false,
        Pickle::bare().bytes(&swapped),
    );
    pickle = array(pickle.text("encoded"), &[2, 3], "<", false, encoded);
    pickle = array(
        pickle.text("columns"),
        &[3, 2],
        "<",
        true,
        Pickle::bare().bytes(&numbers),
    );
    let found = tensors(&pickle.raw(b"u").stop());
    assert_eq!(
        found["plain"],
        ("F32".to_owned(), vec![2, 3], numbers.clone())
    );
    assert_eq!(found["plain"], found["other order"]);
    assert_eq!(found["plain"], found["encoded"]);
    let columns = view("", 0, 0, &[3, 2], &[1, 3]);
    assert_eq!(found["columns"].2, naive(&columns, &floats(6)));
}

#[test]
fn long_texts_that_are_arrays_are_decoded_on_the_way() {
    let numbers: Vec<u8> = (0..80_000_u32).flat_map(u32::to_le_bytes).collect();
    let text: String = numbers.iter().map(|byte| char::from(*byte)).collect();
    let encoded = Pickle::bare()
        .global("_codecs", "encode")
        .text(&text)
        .text("latin1")
        .tuple_of(2)
        .reduce();
    let rows = array(
        Pickle::protocol(2),
        &[400, 200],
        "<",
        false,
        encoded.clone(),
    )
    .stop();
    assert!(tensors(&rows)["tensor"].2 == numbers);
    let columns = array(Pickle::protocol(2), &[400, 200], "<", true, encoded).stop();
    let storage = Storage {
        class: "IntStorage",
        size: 4,
        bytes: numbers,
    };
    let wanted = naive(&view("", 0, 0, &[400, 200], &[1, 400]), &storage);
    assert!(tensors(&columns)["tensor"].2 == wanted);
}

#[test]
fn array_files_and_archives_of_them_are_converted() {
    let c = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    let f = "{'descr': '>f4', 'fortran_order': True, 'shape': (3, 2), }";
    let numbers = floats(6).bytes;
    assert_eq!(tensors(&npy(c, &numbers))["array"].2, numbers);
    let mut packed = part("packed.npy", npy(c, &numbers));
    packed.deflate = true;
    let mut columns = part("columns.npy", npy(f, &numbers));
    columns.deflate = true;
    let objects = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }";
    let file = zip(&[
        packed,
        columns,
        part("objects.npy", npy(objects, b"\x80\x02N.")),
    ]);
    let (out, plan) = convert(&file, &Wishes::default()).unwrap();
    let (found, metadata) = read(&out);
    assert_eq!(found["packed"].2, numbers);
    let mut wanted = naive(&view("", 0, 0, &[3, 2], &[1, 3]), &floats(6));
    wanted.chunks_exact_mut(4).for_each(<[u8]>::reverse);
    assert_eq!(found["columns"].2, wanted);
    assert_eq!(metadata["format"], "np");
    assert_eq!(plan.left[0].path, "objects");
}

/// Members of a tar archive as PyTorch wrote them before 0.1.10: two storages, a view of one, three tensors.
fn oldest() -> Vec<u8> {
    let class = |name: &str| Pickle::protocol(2).mark().text(name).text("cpu");
    let storage = |key: &str| {
        let mut bytes = class(key).global("torch", "FloatStorage").tuple().stop();
        bytes.extend(6_u64.to_le_bytes());
        bytes.extend(floats(6).bytes);
        bytes
    };
    let mut storages = Pickle::protocol(2).int(2).stop();
    storages.extend(storage("11"));
    storages.extend(storage("12"));
    let view = Pickle::protocol(2).raw(b"]").mark().mark();
    let view = view.text("13").text("12").int(2).int(3).tuple().raw(b"e");
    storages.extend(view.stop());
    let tensor = |key: &str, storage: &str, shape: &[u64], strides: &[u64], offset: u64| {
        let named = Pickle::protocol(2).mark().text(key).text(storage);
        let mut bytes = named.global("torch", "FloatTensor").tuple().stop();
        bytes.extend((shape.len() as u64).to_le_bytes());
        bytes.extend(
            shape
                .iter()
                .chain(strides)
                .flat_map(|side| side.to_le_bytes()),
        );
        bytes.extend(offset.to_le_bytes());
        bytes
    };
    let mut tensors = Pickle::protocol(2).int(3).stop();
    tensors.extend(tensor("21", "11", &[2, 3], &[3, 1], 0));
    tensors.extend(tensor("22", "11", &[3, 2], &[1, 3], 0));
    tensors.extend(tensor("23", "13", &[2], &[1], 1));
    let pickle = Pickle::protocol(2).raw(b"}").mark();
    let pickle = pickle.text("a").text("21").raw(b"Q");
    let pickle = pickle.text("b").text("22").raw(b"Q");
    let pickle = pickle.text("c").text("23").raw(b"Q").text("lr").int(3);
    let file = |name: &str, content: &[u8]| crate::tar::assemble::member(name, b'0', "", content);
    crate::tar::assemble::tar(&[
        file("sys_info", &Pickle::protocol(2).int(7).stop()),
        file("pickle", &pickle.raw(b"u").stop()),
        file("tensors", &tensors),
        file("storages", &storages),
    ])
}

#[test]
fn a_checkpoint_in_a_tar_archive_is_converted() {
    let file = oldest();
    let (out, plan) = convert(&file, &Wishes::default()).unwrap();
    let (found, _) = read(&out);
    let numbers = |wanted: &[f32]| -> Vec<u8> {
        wanted
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect()
    };
    assert_eq!(found["a"].2, numbers(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]));
    assert_eq!(found["b"].2, numbers(&[0.0, 3.0, 1.0, 4.0, 2.0, 5.0]));
    assert_eq!(
        found["c"],
        ("F32".to_owned(), vec![2], numbers(&[3.0, 4.0]))
    );
    assert_eq!(plan.left.len(), 1);
    let other = crate::tar::assemble::member("notes.txt", b'0', "", b"x");
    let error = open(&Bytes(&crate::tar::assemble::tar(&[other]))).unwrap_err();
    assert!(error.to_string().contains("no checkpoint"), "{error}");
    for cut in (0..file.len()).step_by(7) {
        let _ = convert(&file[..cut], &Wishes::default());
    }
    for at in (0..file.len()).step_by(3) {
        let mut broken = file.clone();
        broken[at] ^= 0x41;
        let _ = convert(&broken, &Wishes::default());
    }
}

#[test]
fn a_wrong_checksum_of_a_packed_member_is_noticed() {
    let storages = storages();
    let pickle = state_dict(&views(), &storages, b"");
    let mut packed = members(&pickle, &storages, "little");
    for part in &mut packed {
        part.deflate = true;
    }
    assert!(convert(&zip(&packed), &Wishes::default()).is_ok());
    for wrong in 0..packed.len() {
        let mut parts = packed.clone();
        parts[wrong].crc = Some(7);
        let result = convert(&zip(&parts), &Wishes::default());
        if parts[wrong].name.ends_with("data.pkl") || parts[wrong].name.contains("/data/") {
            let error = result.unwrap_err().to_string();
            assert!(error.contains("checksum"), "{}: {error}", parts[wrong].name);
        }
    }
}

#[test]
fn a_result_that_differs_is_noticed() {
    let (views, storages) = (views(), storages());
    let file = checkpoint(&state_dict(&views, &storages, b""), &storages);
    let source = Bytes(&file);
    let plan = Plan::new(&open(&source).unwrap(), &source, &Wishes::default()).unwrap();
    let mut out = Vec::new();
    plan.write(&source, &mut out).unwrap();
    let length = out.len();
    for at in [9, length / 2, length - 1] {
        let mut changed = out.clone();
        changed[at] ^= 1;
        assert!(plan.verify(&source, &Bytes(&changed)).is_err(), "byte {at}");
    }
    assert!(plan.verify(&source, &Bytes(&out[..length - 1])).is_err());
}

#[test]
fn readers_that_would_disagree_are_refused() {
    let (views, storages) = (views(), storages());
    let pickle = state_dict(&views, &storages, b"");
    let mut twice = members(&pickle, &storages, "little");
    twice.push(part("archive/data.pkl", b"\x80\x02N.".to_vec()));
    let mut renamed = members(&pickle, &storages, "little");
    renamed[2].local_name = Some("archive/data/9".to_owned());
    for parts in [twice, renamed] {
        assert!(matches!(open(&Bytes(&zip(&parts))), Err(Error::Refused(_))));
    }
    let mut clash = Pickle::protocol(2).raw(b"}").mark();
    clash = assemble::tensor(clash.text("a.b"), &views[0], &storages)
        .text("a")
        .raw(b"}");
    clash = assemble::tensor(clash.text("b"), &views[1], &storages).raw(b"su");
    let file = checkpoint(&clash.stop(), &storages);
    assert!(matches!(
        convert(&file, &Wishes::default()),
        Err(Error::Refused(_))
    ));
}

#[test]
fn values_that_expand_without_end_are_refused() {
    // One element, seen as a tensor of 2^62 of them.
    let storages = storages();
    let huge = [view("w", 0, 0, &[i32::MAX, i32::MAX], &[0, 0])];
    let file = checkpoint(&state_dict(&huge, &storages, b""), &storages);
    assert!(matches!(
        convert(&file, &Wishes::default()),
        Err(Error::Limit(_))
    ));

    // Lists of lists, each twice the one before: 2^40 in all.
    let mut pickle = Pickle::protocol(2).raw(b"]N\x85");
    for _ in 0..40 {
        pickle = pickle.raw(b"2\x86");
    }
    let bomb = Pickle::protocol(2).raw(&pickle.unfinished()[2..]).stop();
    match convert(&bomb, &Wishes::default()) {
        Err(Error::Limit(_)) => {}
        other => panic!("{other:?}"),
    }

    // A list in itself, and lists nested far deeper than any stack.
    let own = Pickle::protocol(2).raw(b"]q\x00h\x00a").stop();
    assert!(matches!(
        convert(&own, &Wishes::default()),
        Err(Error::NoTensors(_))
    ));
    let mut deep = b"\x80\x02".to_vec();
    deep.extend(vec![b']'; 300_000]);
    deep.extend(vec![b'a'; 299_999]);
    deep.push(b'.');
    assert!(matches!(
        convert(&deep, &Wishes::default()),
        Err(Error::Limit(_))
    ));
}

#[test]
fn ten_megabytes_of_opcodes_are_read_once() {
    for unit in [
        &b"]0"[..],
        b"N0",
        b"h\x00",
        b"(l0",
        b"X\0\0\0\x000",
        b"}q\x000",
        b"ca\nb\n0",
        b")\x850",
    ] {
        let mut file = b"\x80\x02Nq\x00".to_vec();
        while file.len() < 10 << 20 {
            file.extend(unit);
        }
        file.extend(b"N.");
        let counting = Counting::new(&file);
        let _ = open(&counting).map(|opened| Plan::new(&opened, &counting, &Wishes::default()));
        assert!(
            counting.reads.get() < 1000,
            "{unit:?} took {} reads",
            counting.reads.get()
        );
        assert!(counting.largest.get() <= 256 * 1024);
    }
}

#[test]
fn files_cut_or_changed_anywhere_are_survived() {
    let storages = storages();
    let pickle = training(&storages);
    let c = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    let files = [
        checkpoint(&pickle, &storages),
        legacy(&pickle, &storages),
        zip(&[part("a.npy", npy(c, &floats(6).bytes))]),
        array(
            Pickle::protocol(2),
            &[2],
            "<",
            false,
            Pickle::bare().bytes(&[0; 8]),
        )
        .stop(),
    ];
    for file in &files {
        for end in 0..file.len() {
            let _ = convert(&file[..end], &Wishes::default());
        }
        let mut changed = file.clone();
        for at in 0..file.len() {
            for value in [0, 0x7f, 0xff, b'R', b'('] {
                changed[at] = value;
                let _ = convert(&changed, &Wishes::default());
            }
            changed[at] = file[at];
        }
    }
}
