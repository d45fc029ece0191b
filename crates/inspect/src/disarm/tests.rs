//! What a user relies on: nothing unknown is left, everything else is what it was.

use super::*;
use crate::convert::assemble::{checkpoint, floats, legacy, state_dict, view};
use crate::convert::{Plan, Wishes, machine, open, tree};
use crate::zip::assemble::{part, zip};
use stance_models::numpy::assemble::npy;
use stance_pickle::assemble::Pickle;
use stance_read::source::Bytes;

fn known(name: &str, purpose: Use) -> bool {
    if name == "made.by.New" {
        return purpose == Use::New;
    }
    name.starts_with("torch.")
        || name.starts_with("numpy.")
        || name.starts_with("joblib.numpy_pickle.")
        || name == "collections.OrderedDict"
        || name == "builtins.set"
}

fn clean(file: &[u8]) -> (Vec<u8>, Disarmed) {
    let mut out = Vec::new();
    let report = disarm(&Bytes(file), &known, &mut out).unwrap();
    (out, report)
}

fn removed(report: &Disarmed) -> Vec<&str> {
    report
        .removed
        .iter()
        .map(|removed| removed.what.as_str())
        .collect()
}

fn converted(file: &[u8]) -> Vec<u8> {
    let source = Bytes(file);
    let plan = Plan::new(&open(&source).unwrap(), &source, &Wishes::default()).unwrap();
    let mut out = Vec::new();
    plan.write(&source, &mut out).unwrap();
    out
}

const PAYLOAD: &[u8] = b"cos\nsystem\nX\x02\0\0\0id\x85R0";

#[test]
fn a_payload_is_taken_out_of_both_formats_and_the_tensors_stay() {
    let storages = [floats(24)];
    let views = [
        view("a", 0, 0, &[4, 6], &[6, 1]),
        view("b", 0, 0, &[6, 4], &[1, 6]),
    ];
    for write in [checkpoint, legacy] {
        let honest = write(&state_dict(&views, &storages, b""), &storages);
        let hostile = write(&state_dict(&views, &storages, PAYLOAD), &storages);
        let (out, report) = clean(&hostile);
        assert_eq!(removed(&report), ["a call of `os.system`"]);
        assert!(!out.windows(6).any(|window| window == b"system"));
        assert_eq!(converted(&out), converted(&honest));
        assert_eq!(clean(&honest).1.removed, []);
        // Nothing is left to do the second time.
        assert_eq!(clean(&out).0, out);
    }
}

#[test]
fn storages_of_a_zip_start_where_they_can_be_mapped() {
    let storages = [floats(3), floats(5)];
    let views = [view("a", 0, 0, &[3], &[1]), view("b", 1, 0, &[5], &[1])];
    let (out, _) = clean(&checkpoint(&state_dict(&views, &storages, b""), &storages));
    for storage in &storages {
        let at = out
            .windows(storage.bytes.len())
            .position(|window| window == storage.bytes);
        assert_eq!(at.unwrap() % 64, 0);
    }
}

/// What a pickle builds, written out, with shared objects by number.
fn shape(file: &[u8]) -> String {
    let mut built = tree::Tree::default();
    let stream = machine::read(&mut built, &Bytes(file), 0).unwrap();
    let mut seen = Vec::new();
    show(&built, stream.value, &mut seen)
}

fn show(built: &tree::Tree, value: tree::Value, seen: &mut Vec<u32>) -> String {
    let tree::Value::Object(index) = value else {
        return format!("{value:?}");
    };
    if let Some(at) = seen.iter().position(|known| *known == index) {
        return format!("#{at}");
    }
    let all = |items: &[tree::Value], seen: &mut Vec<u32>| {
        let items: Vec<String> = items.iter().map(|item| show(built, *item, seen)).collect();
        items.join(" ")
    };
    seen.push(index);
    match built.get(value).unwrap() {
        tree::Object::Text(_) => format!("{:?}", built.as_str(value).unwrap()),
        tree::Object::Bytes(constant, kind) => format!("{kind:?}{:?}", built.bytes(*constant)),
        tree::Object::Long(constant) => format!("{:?}", built.bytes(*constant)),
        tree::Object::Tuple(items) => format!("({})", all(items, seen)),
        tree::Object::List(items) => format!("[{}]", all(items, seen)),
        tree::Object::Set(items) | tree::Object::FrozenSet(items) => {
            format!("<{}>", all(items, seen))
        }
        tree::Object::Dict(entries) => {
            let flat: Vec<tree::Value> = entries.iter().flat_map(|(k, v)| [*k, *v]).collect();
            format!("{{{}}}", all(&flat, seen))
        }
        tree::Object::Global(_) => built.name(value).unwrap().to_owned(),
        tree::Object::Persistent(id) => format!("@{}", show(built, *id, seen)),
        tree::Object::Outside(what) => (*what).to_owned(),
        tree::Object::Call(call) => {
            let mut text = format!(
                "{:?} {}({})",
                call.how,
                show(built, call.function, seen),
                show(built, call.arguments, seen)
            );
            for step in &call.steps {
                text.push_str(&match step {
                    tree::Step::Build(state) => format!(" build {}", show(built, *state, seen)),
                    tree::Step::Append(items) => format!(" append {}", all(items, seen)),
                    tree::Step::Set(pairs) => {
                        let flat: Vec<tree::Value> =
                            pairs.iter().flat_map(|(k, v)| [*k, *v]).collect();
                        format!(" set {}", all(&flat, seen))
                    }
                    other => format!("{other:?}"),
                });
            }
            text
        }
    }
}

#[test]
fn every_kind_of_value_and_what_is_shared_between_them_stays() {
    let values = [
        // Constants of every size.
        Pickle::protocol(4).mark().int(0).int(300).int(70_000).int(-1).raw(b"N\x88\x89G@\x09\x21\xfbTD-\x18").text("größe").bytes(b"\0\xff").raw(b"U\x03old\x8a\x08\0\0\0\0\0\0\0\x80\x8a\x09\0\0\0\0\0\0\0\0\x01\x96\x02\0\0\0\0\0\0\0ab").tuple(),
        // The same list twice, by memo and by DUP.
        Pickle::protocol(2).raw(b"(]q\x01N\x61h\x01h\x012t"),
        // A list in itself, a dict in its own value, a tuple that holds a list that holds it.
        Pickle::protocol(2).raw(b"]q\x00h\x00a"),
        Pickle::protocol(2).raw(b"}q\x00X\x01\0\0\0ah\x00s"),
        Pickle::protocol(2).raw(b"]q\x00(h\x00NNNtq\x01ah\x01"),
        // Objects with arguments, state, items; sets, frozen or not.
        Pickle::protocol(2).global("collections", "OrderedDict").raw(b")Rq\x00X\x01\0\0\0ah\x00s}X\x09\0\0\0_metadataNsb"),
        Pickle::protocol(4).raw(b"\x8f(K\x01K\x02\x90"),
        Pickle::protocol(4).raw(b"(K\x01K\x02\x91"),
        Pickle::protocol(2).raw(b"(").global("torch", "Size").raw(b"K\x01o"),
        Pickle::protocol(2).raw(b"(K\x01itorch\nSize\n"),
        Pickle::protocol(4).global("torch", "Size").raw(b")}\x92"),
        // Old texts.
        Pickle::bare().raw(b"(S'a\\n\\x41'\nVb\\u00e9\nI7\nI01\nL5L\nF2.5\nl"),
    ];
    for value in values {
        let file = value.stop();
        let (out, report) = clean(&file);
        assert_eq!(report.removed, [], "{file:x?}");
        assert_eq!(shape(&out), shape(&file), "{file:x?}");
    }
}

#[test]
fn what_is_unknown_becomes_what_it_was_filled_with() {
    let object = Pickle::protocol(2)
        .global("my.code", "Config")
        .raw(b")\x81}X\x01\0\0\0aK\x01sb");
    assert_eq!(shape(&clean(&object.stop()).0), "{\"a\" Int(1)}");
    let list = Pickle::protocol(2)
        .global("my.code", "Items")
        .raw(b")\x81(K\x01K\x02e");
    assert_eq!(shape(&clean(&list.stop()).0), "[Int(1) Int(2)]");
    let call = Pickle::protocol(2)
        .raw(b"]")
        .global("os", "system")
        .text("id")
        .tuple_of(1)
        .reduce()
        .raw(b"a");
    assert_eq!(shape(&clean(&call.stop()).0), "[None]");
    let reference = Pickle::protocol(2)
        .raw(b"}")
        .text("metric")
        .global("os", "system")
        .raw(b"s");
    let (out, report) = clean(&reference.stop());
    assert_eq!(shape(&out), "{\"metric\" None}");
    assert_eq!(removed(&report), ["a reference to `os.system`"]);
}

#[test]
fn tricks_with_names_and_shared_objects_are_left_out() {
    // A name with a line end would become an opcode of its own.
    let smuggled = Pickle::protocol(4)
        .stack_global("torch.nn", "X\nos\nsystem\n")
        .raw(b")R");
    let (out, _) = clean(&smuggled.stop());
    assert_eq!(shape(&out), "None");
    // State for a module, an extension code, a name put together while loading, a method by BUILD.
    let patched = Pickle::protocol(4)
        .stack_global("torch", "_utils")
        .raw(b"}")
        .text("load")
        .raw(b"Nsb");
    let (_, report) = clean(&patched.stop());
    assert!(
        removed(&report)[0].contains("changes `torch._utils`"),
        "{report:?}"
    );
    let extension = Pickle::protocol(2).raw(b"\x82\x07");
    assert_eq!(shape(&clean(&extension.stop()).0), "None");
    let computed = Pickle::protocol(4)
        .text("os")
        .global("torch", "name")
        .raw(b")R\x93)R");
    assert_eq!(shape(&clean(&computed.stop()).0), "None");
    // What a safe function gives is called: what that is cannot be told.
    let result = Pickle::protocol(2).global("torch", "make").raw(b")R)R");
    assert_eq!(shape(&clean(&result.stop()).0), "None");
}

#[test]
fn a_class_that_may_only_be_made_is_not_handed_on() {
    let made = Pickle::protocol(2)
        .raw(b"(")
        .global("made.by", "New")
        .raw(b"q\x01)\x81h\x01h\x01)Rt");
    let (out, _) = clean(&made.stop());
    assert_eq!(shape(&out), "(New made.by.New(()) None None)");
}

#[test]
fn classes_by_the_ids_of_old_checkpoints_are_known_by_their_name() {
    let id = |class: &str| {
        Pickle::bare()
            .raw(b"(")
            .text("module")
            .global("torch.nn", class)
            .text("file")
            .text("source")
            .raw(b"tQ)\x81}X\x01\0\0\0aNsb")
    };
    let kept = Pickle::protocol(2).raw(&id("Linear").unfinished()).stop();
    assert_eq!(shape(&clean(&kept).0), shape(&kept));
    let foreign = Pickle::protocol(2)
        .raw(b"(")
        .text("module")
        .global("my.code", "Net")
        .text("file")
        .text("source")
        .raw(b"tQ)\x81}X\x01\0\0\0aNsb");
    assert_eq!(shape(&clean(&foreign.stop()).0), "{\"a\" None}");
}

#[test]
fn pickles_in_a_row_and_what_follows_them() {
    let one = Pickle::protocol(2).raw(b"]K\x01a").stop();
    let hostile = Pickle::protocol(2).raw(PAYLOAD).raw(b"N").stop();
    let (out, report) = clean(&[&one[..], &hostile, &one, b"tail that is nothing"].concat());
    assert_eq!(report.pickles, 3);
    assert_eq!(report.dropped, ["20 bytes behind the last pickle"]);
    let inert = Pickle::protocol(2).raw(b"N").stop();
    let last = clean(&one).0;
    assert_eq!(out, [&last[..], &inert, &last].concat());
}

/// An array of joblib with `padding` bytes before its four floats.
fn joblib(padding: u8) -> Vec<u8> {
    let mut pickle = Pickle::protocol(4)
        .raw(b"(")
        .raw(b"K\x07")
        .stack_global("joblib.numpy_pickle", "NumpyArrayWrapper")
        .raw(b")\x81}")
        .mark()
        .text("subclass")
        .stack_global("numpy", "ndarray")
        .text("shape")
        .int(4)
        .tuple_of(1)
        .text("order")
        .text("C")
        .text("dtype")
        .stack_global("numpy", "dtype")
        .text("f4")
        .raw(&[0x89, 0x88, 0x87, b'R'])
        .mark()
        .int(3)
        .text("<")
        .raw(b"NNN")
        .int(-1)
        .int(-1)
        .int(0)
        .tuple()
        .build()
        .text("allow_mmap")
        .raw(&[0x88])
        .text("numpy_array_alignment_bytes")
        .int(16)
        .raw(b"ub");
    pickle = pickle
        .raw(&[padding])
        .raw(&vec![0xff; usize::from(padding)]);
    pickle.raw(&floats(4).bytes).raw(b"K\x08t").stop()
}

#[test]
fn arrays_of_joblib_stay_and_stay_aligned() {
    for padding in [0, 3, 15] {
        let file = joblib(padding);
        let (out, report) = clean(&file);
        assert_eq!(report.removed, []);
        assert_eq!(converted(&out), converted(&file));
        let bytes = floats(4).bytes;
        let at = out
            .windows(bytes.len())
            .position(|window| window == bytes)
            .unwrap();
        assert_eq!(at % 16, 0);
    }
}

#[test]
fn arrays_of_objects_are_pickles_in_files_and_archives() {
    let header = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }";
    let pickle = Pickle::protocol(2).raw(PAYLOAD).raw(b"]N\x61").stop();
    let file = npy(header, &pickle);
    let (out, report) = clean(&file);
    assert_eq!(removed(&report), ["a call of `os.system`"]);
    assert!(out.starts_with(&file[..file.len() - pickle.len()]));
    let (out, report) = clean(&zip(&[part("x.npy", file), part("readme.txt", *b"hello")]));
    assert_eq!(report.removed[0].member, "x.npy");
    assert!(out.windows(5).any(|window| window == b"hello"));
}

#[test]
fn a_checkpoint_inside_a_constant_is_disarmed_as_well() {
    let storage = floats(3);
    let saved = Pickle::protocol(2)
        .raw(PAYLOAD)
        .mark()
        .text("storage")
        .global("torch", "FloatStorage")
        .text("0")
        .text("cpu")
        .int(3)
        .tuple()
        .raw(b"Q")
        .stop();
    let inner = legacy(&saved, std::slice::from_ref(&storage));
    let outer = Pickle::protocol(4)
        .global("torch._utils", "_rebuild_tensor_v2")
        .mark()
        .global("torch.storage", "_load_from_bytes")
        .bytes(&inner)
        .tuple_of(1)
        .reduce()
        .int(0)
        .int(3)
        .tuple_of(1)
        .int(1)
        .tuple_of(1)
        .raw(&[0x89])
        .global("collections", "OrderedDict")
        .raw(b")R")
        .tuple()
        .reduce()
        .stop();
    let (out, _) = clean(&outer);
    assert!(!out.windows(6).any(|window| window == b"system"));
    assert_eq!(converted(&out), converted(&outer));
    assert!(converted(&out).ends_with(&storage.bytes));
}

#[test]
fn files_cut_or_changed_anywhere_are_survived() {
    let storages = [floats(4)];
    let views = [view("a", 0, 0, &[4], &[1])];
    let pickle = state_dict(&views, &storages, PAYLOAD);
    for file in [
        checkpoint(&pickle, &storages),
        legacy(&pickle, &storages),
        joblib(3),
    ] {
        for end in 0..file.len() {
            let _ = disarm(&Bytes(&file[..end]), &known, &mut std::io::sink());
        }
        let mut changed = file.clone();
        for at in 0..file.len() {
            for value in [0, 0x7f, 0xff, b'R', b'b'] {
                changed[at] = value;
                let _ = disarm(&Bytes(&changed), &known, &mut std::io::sink());
            }
            changed[at] = file[at];
        }
    }
}

#[test]
fn nesting_without_end_is_refused() {
    let mut deep = b"\x80\x02".to_vec();
    deep.extend(vec![b']'; 300_000]);
    deep.extend(vec![b'a'; 299_999]);
    deep.push(b'.');
    assert!(matches!(
        disarm(&Bytes(&deep), &known, &mut std::io::sink()),
        Err(Error::Limit(_))
    ));
}

#[test]
fn a_checkpoint_whose_copy_could_not_be_measured_is_refused() {
    let storages = [floats(24), floats(2)];
    let views = [view("a", 0, 0, &[24], &[1]), view("b", 1, 0, &[2], &[1])];
    let file = legacy(&state_dict(&views, &storages, b""), &storages);
    // A judge that does not know the class of the storages.
    let strict = |name: &str, purpose: Use| name != "torch.FloatStorage" && known(name, purpose);
    let error = disarm(&Bytes(&file), &strict, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("torch.FloatStorage"), "{error}");
    // Two classes of one storage, of which the copy would hold one.
    let id = |class: &str| {
        Pickle::protocol(2)
            .raw(b"(")
            .text("storage")
            .global("torch", class)
            .text("0")
            .text("cpu")
            .int(4)
            .raw(b"NtQ")
            .unfinished()[2..]
            .to_vec()
    };
    let object = [
        &b"\x80\x02]("[..],
        &id("DoubleStorage"),
        &id("EvilStorage"),
        &id("FloatStorage"),
        b"e.",
    ]
    .concat();
    let file = legacy(&object, &[floats(4)]);
    let error = disarm(&Bytes(&file), &known, &mut Vec::new()).unwrap_err();
    assert!(!error.to_string().is_empty());
    // One that is kept reads back as it was.
    let object = [&b"\x80\x02]("[..], &id("FloatStorage"), b"e."].concat();
    let (out, _) = clean(&legacy(&object, &[floats(4)]));
    assert_eq!(clean(&out).0, out);
}
