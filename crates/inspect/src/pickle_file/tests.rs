//! What a user relies on: what real loaders would run is seen, whatever was done to hide it.

use std::sync::Arc;

use stance_core::fact::{
    AnomalyKind, Artifact, ArtifactFormat, Fact, PickleEnd, PickleOrigin, PickleTrace,
};

use stance_pickle::assemble::{self, Pickle};
use stance_pickle::{Traced, trace};
use stance_read::{Bytes, Interests, Limits, Options, Report, scan};

fn run(bytes: &[u8]) -> Traced {
    trace(&Arc::from("m.pkl"), bytes, 0, &Limits::default())
}

fn calls(trace: &PickleTrace) -> Vec<String> {
    trace
        .calls
        .iter()
        .map(|call| format!("{}({})", call.callable, call.arguments.join(", ")))
        .collect()
}

fn report(path: &str, bytes: &[u8]) -> Report {
    let interests = Interests::new([]);
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: &crate::registry::ALL,
    };
    scan(path, &Bytes(bytes), &options)
}

fn artifact(path: &str, bytes: &[u8]) -> Option<Artifact> {
    report(path, bytes)
        .facts
        .into_iter()
        .find_map(|(_, fact)| match fact {
            Fact::Artifact(artifact) => Some(*artifact),
            _ => None,
        })
}

/// Asserts that a stream calls `os.system('id')`.
#[track_caller]
fn calls_system(bytes: &[u8]) {
    let traced = run(bytes);
    let seen = calls(&traced.trace);
    assert!(
        seen.iter().any(|call| call == "os.system('id')"),
        "{seen:?} {:?}",
        traced.trace.end
    );
}

#[test]
fn every_way_to_import_and_call_ends_in_the_same_name() {
    calls_system(b"cos\nsystem\n(S'id'\ntR.");
    calls_system(b"(S'id'\nios\nsystem\n.");
    calls_system(b"(cos\nsystem\nS'id'\no.");
    calls_system(&assemble::call("os", "system", "id"));
    // The strings come out of the memo, and junk lies in between.
    calls_system(
        &Pickle::protocol(4)
            .text("system")
            .raw(b"q\x05")
            .text("os")
            .raw(b"r\x00\x01\x00\x00")
            .raw(b"00")
            .raw(b"j\x00\x01\x00\x00h\x05\x93")
            .text("id")
            .tuple_of(1)
            .reduce()
            .stop(),
    );
    // The result is thrown away and something harmless returned.
    calls_system(&Pickle::bare().raw(b"(cos\nsystem\nS'id'\no0N").stop());
}

#[test]
fn names_reached_by_calls_are_followed() {
    let getter = |through: Pickle| through.text("id").tuple_of(1).reduce().stop();
    let import = |p: Pickle| {
        p.global("importlib", "import_module")
            .text("os")
            .tuple_of(1)
            .reduce()
    };
    // getattr(import_module('os'), 'system')('id')
    calls_system(&getter(
        import(Pickle::protocol(4).global("builtins", "getattr"))
            .text("system")
            .tuple_of(2)
            .reduce(),
    ));
    // attrgetter('system')(import_module('os'))('id')
    calls_system(&getter(
        import(
            Pickle::protocol(4)
                .global("operator", "attrgetter")
                .text("system")
                .tuple_of(1)
                .reduce(),
        )
        .tuple_of(1)
        .reduce(),
    ));
    // partial(os.system, 'id')()
    calls_system(
        &Pickle::protocol(4)
            .global("functools", "partial")
            .global("os", "system")
            .text("id")
            .tuple_of(2)
            .reduce()
            .raw(b")")
            .reduce()
            .stop(),
    );
    // methodcaller('system', 'id')(import_module('os'))
    calls_system(
        &import(
            Pickle::protocol(4)
                .global("operator", "methodcaller")
                .text("system")
                .text("id")
                .tuple_of(2)
                .reduce(),
        )
        .tuple_of(1)
        .reduce()
        .stop(),
    );
    // resolve_name('os:system')('id')
    calls_system(&getter(
        Pickle::protocol(4)
            .global("pkgutil", "resolve_name")
            .text("os:system")
            .tuple_of(1)
            .reduce(),
    ));
    // list(map(os.system, ['id']))
    calls_system(
        &Pickle::protocol(4)
            .global("builtins", "map")
            .global("os", "system")
            .raw(b"]")
            .text("id")
            .raw(b"a")
            .tuple_of(2)
            .reduce()
            .stop(),
    );
    // sys.modules['os'].system
    calls_system(&getter(
        Pickle::protocol(4)
            .global("builtins", "getattr")
            .global("operator", "getitem")
            .global("sys", "modules")
            .text("os")
            .tuple_of(2)
            .reduce()
            .text("system")
            .tuple_of(2)
            .reduce(),
    ));
}

#[test]
fn names_made_of_pieces_and_encoded_names_are_folded() {
    let rot = Pickle::protocol(4)
        .global("_codecs", "decode")
        .text("bf")
        .text("rot13")
        .tuple_of(2)
        .reduce()
        .global("_codecs", "encode")
        .text("flfgrz")
        .text("rot13")
        .tuple_of(2)
        .reduce()
        .raw(b"\x93");
    calls_system(&rot.text("id").tuple_of(1).reduce().stop());
    let encoded = Pickle::protocol(4)
        .global("base64", "b64decode")
        .text("b3M=")
        .tuple_of(1)
        .reduce();
    let name = run(&encoded.stop());
    assert_eq!(calls(&name.trace), ["base64.b64decode('b3M=')"]);
}

#[test]
fn a_name_that_cannot_be_told_is_said_to_be_unresolved() {
    let stream = Pickle::protocol(4)
        .global("some_package", "make_name")
        .raw(b")")
        .reduce()
        .text("system")
        .raw(b"\x93")
        .stop();
    let traced = run(&stream);
    assert!(traced.trace.globals.iter().any(|global| !global.resolved));
}

#[test]
fn what_ran_before_an_error_is_kept() {
    let mut bytes = assemble::call("os", "system", "id");
    bytes.pop();
    let cut = run(&bytes);
    assert_eq!(cut.trace.end, PickleEnd::Truncated);
    assert_eq!(calls(&cut.trace), ["os.system('id')"]);
    bytes.push(0xff);
    let broken = run(&bytes);
    assert!(matches!(broken.trace.end, PickleEnd::Malformed(_)));
    assert_eq!(calls(&broken.trace), ["os.system('id')"]);
}

#[test]
fn a_set_state_put_on_an_instance_is_the_function_that_build_calls() {
    let stream = Pickle::protocol(4)
        .global("our", "Thing")
        .raw(b")\x81}")
        .text("__setstate__")
        .global("os", "system")
        .raw(b"sb")
        .text("id")
        .build()
        .stop();
    calls_system(&stream);
}

#[test]
fn a_pickle_handed_to_a_loader_is_interpreted_and_one_that_lies_there_is_called_dormant() {
    let inner = assemble::call("os", "system", "id");
    let loaded = run(&Pickle::protocol(4)
        .global("pickle", "loads")
        .bytes(&inner)
        .tuple_of(1)
        .reduce()
        .stop());
    assert_eq!(loaded.nested.len(), 1);
    assert_eq!(loaded.nested[0].origin, PickleOrigin::Loaded);
    assert_eq!(calls(&loaded.nested[0]), ["os.system('id')"]);
    let dormant = run(&Pickle::protocol(4).bytes(&inner).stop());
    assert_eq!(dormant.nested[0].origin, PickleOrigin::Dormant);
    let hex: String = inner.iter().map(|byte| format!("{byte:02x}")).collect();
    let encoded = run(&Pickle::protocol(4).text(&hex).stop());
    assert_eq!(calls(&encoded.nested[0]), ["os.system('id')"]);
}

#[test]
fn a_frame_that_ends_inside_an_operand_is_read_both_ways() {
    // From memory the text is "AAAA" + 4 bytes of the tail; from a file the four bytes in the
    // frame are dropped and the text starts behind it, so that the opcodes after it differ.
    let payload = b"cos\nsystem\n(S'id'\ntR.";
    let mut stream = vec![0x80, 4, 0x95];
    let frame = [0x8c, 8, b'A', b'A', b'A', b'A'];
    stream.extend((frame.len() as u64).to_le_bytes());
    stream.extend(frame);
    // Read from memory: four more bytes of text, then NONE, STOP.
    stream.extend(b"BBBBN.CC");
    // Read from a file: the eight bytes above are the text.
    stream.extend(payload);
    let traced = run(&stream);
    assert!(calls(&traced.trace).contains(&"os.system('id')".to_owned()));
    assert!(
        traced
            .anomalies
            .iter()
            .any(|anomaly| anomaly.kind == AnomalyKind::ReaderDisagreement)
    );
}

#[test]
fn shared_containers_cost_no_more_than_their_opcodes_and_are_called_a_bomb() {
    let mut pickle = Pickle::protocol(4).raw(b"]");
    for _ in 0..200 {
        pickle = pickle.raw(b"2\x86");
    }
    let traced = run(&pickle.stop());
    assert_eq!(traced.trace.end, PickleEnd::Stop);
    assert_eq!(traced.anomalies[0].kind, AnomalyKind::Bomb);
}

#[test]
fn an_import_behind_the_limit_is_still_seen() {
    let mut bytes = vec![0x80, 4];
    bytes.extend(b"N0".repeat(600));
    bytes.extend(b"cos\nsystem\n(S'id'\ntR.");
    let limits = Limits {
        pickle_opcodes: 100,
        ..Limits::default()
    };
    let traced = trace(&Arc::from("m"), &bytes, 0, &limits);
    assert!(matches!(traced.trace.end, PickleEnd::Limit(_)));
    assert_eq!(traced.trace.globals[0].name, "os.system");
}

#[test]
fn streams_in_a_row_are_all_read_and_what_follows_is_named() {
    let mut bytes = Pickle::protocol(2).int(1).stop();
    bytes.extend(assemble::call("os", "system", "id"));
    let two = artifact("a.pkl", &bytes).unwrap();
    assert_eq!(two.pickles.len(), 2);
    assert!(two.anomalies.is_empty());
    bytes.extend([0xff; 40]);
    let trailing = artifact("a.pkl", &bytes).unwrap();
    assert_eq!(trailing.anomalies[0].kind, AnomalyKind::UnclaimedBytes);
}

#[test]
fn an_old_checkpoint_is_told_by_its_number_and_its_storages_are_not_read() {
    let mut bytes = vec![0x80, 2, 0x8a, 10];
    bytes.extend(stance_pickle::TORCH_MAGIC);
    bytes.push(b'.');
    for _ in 0..3 {
        bytes.extend(Pickle::protocol(2).raw(b"}").stop());
    }
    let keys = Pickle::protocol(2).raw(b"](X\x01\0\0\x000X\x01\0\0\x001e");
    bytes.extend(keys.stop());
    let header = bytes.len();
    for elements in [1_u64 << 20, 3] {
        bytes.extend(elements.to_le_bytes());
        bytes.extend(vec![0; usize::try_from(elements).unwrap() * 4]);
    }
    let tail = [&bytes[..], b"\x7fELF\x02\x01\x01\0\0\0\0\0"].concat();
    let kinds: Vec<_> = artifact("anything", &tail)
        .unwrap()
        .anomalies
        .into_iter()
        .map(|anomaly| anomaly.kind)
        .collect();
    assert_eq!(kinds, [AnomalyKind::UnclaimedBytes]);
    let found = artifact("anything", &bytes).unwrap();
    assert_eq!(found.format, ArtifactFormat::PytorchLegacy);
    assert_eq!(found.pickles.len(), 5);
    assert!(found.anomalies.is_empty());
    let read = report("anything", &bytes).coverage.bytes_read;
    assert!(
        read <= 2 * stance_read::input::HEAD as u64 + header as u64,
        "{read}"
    );
}

/// An array as joblib writes it: the description, a byte of padding, padding, raw bytes.
fn joblib_array(raw: &[u8]) -> Vec<u8> {
    let count = i32::try_from(raw.len() / 8).unwrap();
    Pickle::protocol(4)
        .stack_global("joblib.numpy_pickle", "NumpyArrayWrapper")
        .raw(b")\x81}(")
        .text("shape")
        .int(count)
        .tuple_of(1)
        .text("dtype")
        .stack_global("numpy", "dtype")
        .text("f8")
        .raw(b"\x89\x88")
        .tuple_of(3)
        .reduce()
        .text("numpy_array_alignment_bytes")
        .int(16)
        .raw(b"u")
        .build()
        .raw(b"\x03\xff\xff\xff")
        .raw(raw)
        .global("os", "system")
        .text("id")
        .tuple_of(1)
        .reduce()
        .stop()
}

#[test]
fn the_arrays_of_joblib_are_stepped_over() {
    let found = artifact("m.joblib", &joblib_array(&[0xfe; 800])).unwrap();
    assert_eq!(found.format, ArtifactFormat::Joblib);
    assert_eq!(found.pickles[0].end, PickleEnd::Stop);
    assert!(calls(&found.pickles[0]).contains(&"os.system('id')".to_owned()));
}

#[test]
fn a_large_array_costs_its_description_only() {
    let bytes = joblib_array(&vec![0xfe; 8 << 20]);
    let report = report("m.joblib", &bytes);
    assert!(report.coverage.bytes_read < 1 << 20);
}

#[test]
fn content_decides_and_text_is_no_pickle() {
    let hostile = assemble::call("os", "system", "id");
    for name in ["a.json", "a.png", "a.txt", "model", "a.PKL"] {
        assert!(artifact(name, &hostile).is_some(), "{name}");
    }
    for text in [
        "Note: this is a text.\n",
        "cat\ndog\nmouse\n",
        "(import\nfoo\n",
        "Version 1.0\n.\n",
        "I\n.",
        "cos\nsystem\nare two words\n",
        "# comment\n",
        "{\"a\": 1}\n",
        "N.",
        "(c) 2026\nAll rights reserved.\n",
        "import os\nos.system('id')\n",
    ] {
        assert!(artifact("notes.txt", text.as_bytes()).is_none(), "{text:?}");
        let data = artifact("data.bin", text.as_bytes());
        assert!(data.is_none_or(|data| data.pickles.is_empty()), "{text:?}");
    }
    assert!(artifact("a.pkl", b"N.").is_some());
    assert!(artifact("notes.txt", b"cos\nsystem\n(S'id'\ntR.").is_some());
}

/// A small generator of numbers without a seed from outside, so that a failure repeats.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % below.max(1)
    }
}

#[test]
fn no_mutation_breaks_the_machine() {
    let seeds = [
        assemble::call("os", "system", "id"),
        joblib_array(&[1; 64]),
        b"(dp0\nS'a'\np1\nI1\nsS'b'\n(lp2\nF1.5\naL10L\nas.".to_vec(),
        Pickle::protocol(5)
            .global("functools", "partial")
            .global("operator", "getitem")
            .raw(b"]")
            .tuple_of(2)
            .reduce()
            .bytes(&assemble::call("pickle", "loads", "x"))
            .tuple_of(1)
            .reduce()
            .stop(),
        (0..=255).collect(),
    ];
    let limits = Limits {
        pickle_opcodes: 5000,
        ..Limits::default()
    };
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for round in 0..20_000 {
        let mut bytes = seeds[round % seeds.len()].clone();
        for _ in 0..=numbers.next(6) {
            let at = numbers.next(bytes.len());
            let byte = u8::try_from(numbers.next(256)).unwrap();
            match numbers.next(4) {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => {
                    let from = numbers.next(bytes.len());
                    let piece = bytes[from..(from + numbers.next(24)).min(bytes.len())].to_vec();
                    bytes.splice(at..at, piece);
                }
            }
        }
        let traced = trace(&Arc::from("m"), &bytes, 0, &limits);
        assert!(traced.consumed <= bytes.len());
        assert!(traced.trace.opcodes <= 5000);
        if round % 8 == 0 {
            let _ = report("m.pkl", &bytes);
        }
    }
}

#[test]
fn calls_that_take_all_memory_or_never_end_are_bombs() {
    let bombs = |pickle: Pickle| {
        let traced = run(&pickle.stop());
        traced
            .anomalies
            .iter()
            .filter(|anomaly| anomaly.kind == AnomalyKind::Bomb)
            .count()
    };
    let call = |name: &str, times: i32| {
        Pickle::protocol(4)
            .stack_global("operator", name)
            .text("ab")
            .int(times)
            .tuple_of(2)
            .reduce()
    };
    assert_eq!(bombs(call("mul", 2_000_000_000)), 1);
    assert_eq!(bombs(call("mul", 3)), 0);
    let through = |of: &str, name: &str, until: i32| {
        Pickle::protocol(4)
            .stack_global("builtins", "list")
            .stack_global(of, name)
            .int(until)
            .tuple_of(1)
            .reduce()
            .tuple_of(1)
            .reduce()
    };
    assert_eq!(bombs(through("builtins", "range", 2_000_000_000)), 1);
    assert_eq!(bombs(through("itertools", "count", 0)), 1);
    assert_eq!(bombs(through("builtins", "range", 100)), 0);
    let power = |exponent: i32| {
        Pickle::protocol(4)
            .stack_global("operator", "pow")
            .int(10)
            .int(exponent)
            .tuple_of(2)
            .reduce()
    };
    assert_eq!(bombs(power(1_000_000_000)), 1);
    assert_eq!(bombs(power(12)), 0);
}

#[test]
fn a_common_loader_of_what_is_not_in_view_is_a_load() {
    let loads = |pickle: Pickle| {
        let pickle = pickle.tuple_of(1).reduce().stop();
        let traced = run(&pickle);
        traced
            .trace
            .calls
            .iter()
            .any(|call| call.callable == "pickle.loads")
    };
    let loader = || Pickle::protocol(4).stack_global("torch.storage", "_load_from_bytes");
    assert!(!loads(loader().bytes(b"\x80\x02N.")));
    let unknown = loader().stack_global("acme", "get").raw(b")R");
    assert!(loads(unknown));
}

#[test]
fn a_protocol_that_does_not_exist_hides_nothing() {
    let traced = run(b"\x80\xffcos\nsystem\n(S'id'\ntR.");
    assert!(matches!(traced.trace.end, PickleEnd::Malformed(_)));
    assert_eq!(traced.trace.calls[0].callable, "os.system");
}

#[test]
fn arguments_that_hold_each_other_many_times_over_end_soon() {
    // Four dictionaries, each with the one before 60 times in it; the last one is given to calls without end.
    let mut pickle = Pickle::protocol(2).raw(b"}q\x00");
    for level in 1..5_u8 {
        pickle = pickle.raw(b"}(");
        for key in 0..60 {
            pickle = pickle.int(key).raw(&[b'h', level - 1]);
        }
        pickle = pickle.raw(&[b'u', b'q', level]);
    }
    let pickle = pickle
        .raw(b"c__main__\nf\n")
        .raw(&b"h\x04\x85R".repeat(10_000))
        .stop();
    let limits = Limits {
        pickle_opcodes: 100_000,
        ..Limits::default()
    };
    let traced = trace(&"x".into(), &pickle, 0, &limits);
    assert!(
        matches!(traced.trace.end, PickleEnd::Limit(_)),
        "{:?}",
        traced.trace.end
    );
}
