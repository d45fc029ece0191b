//! Which loaders step over the arrays that joblib writes between opcodes.
//!
//! joblib and the copy of it in old scikit-learn read the bytes of an array behind the object that
//! describes it, each for its own class only. For every other unpickler these bytes are opcodes.

use stance_core::fact::PickleEnd;
use stance_read::external::escapes;

use crate::value::{Heap, Object, Value};
use crate::{Traced, claim, merge};

/// The class whose state is followed by the bytes of an array, by its name behind that of the package.
const WRAPPER: &str = "joblib.numpy_pickle.NumpyArrayWrapper";

/// The classes of joblib before 0.10, whose arrays lie in files of their own.
const OLD_WRAPPERS: &[&str] = &[
    "joblib.numpy_pickle.NDArrayWrapper",
    "joblib.numpy_pickle_compat.NDArrayWrapper",
    "joblib.numpy_pickle.ZNDArrayWrapper",
    "joblib.numpy_pickle_compat.ZNDArrayWrapper",
];

/// Whose class describes an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapper {
    /// That of joblib itself.
    Joblib,
    /// That of a copy inside another package, as `sklearn.externals.joblib`.
    Vendored,
}

/// Whether `name` is the class that describes an array, and whose.
pub fn wrapper(name: &str) -> Option<Wrapper> {
    match name.strip_suffix(WRAPPER)? {
        "" => Some(Wrapper::Joblib),
        package => package.ends_with('.').then_some(Wrapper::Vendored),
    }
}

/// The file beside the pickle that an old joblib loads in place of `name` with this state, when it does not lie
/// beside it: nothing keeps the name in the directory.
pub(super) fn file_outside(heap: &Heap, name: &str, state: Value) -> Option<Value> {
    let class = name.strip_suffix("()")?;
    if !OLD_WRAPPERS.iter().any(|old| class.ends_with(old)) {
        return None;
    }
    let Some(Object::Dict(entries)) = heap.get(state) else {
        return None;
    };
    let (_, file) = entries
        .iter()
        .rev()
        .find(|(key, _)| heap.is_text(*key, "filename"))?;
    escapes(heap.as_name(*file)?).then_some(*file)
}

/// Which arrays are stepped over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrays {
    All,
    Of(Wrapper),
    /// No numbers. Arrays of objects are pickles, whose opcodes are the same for every loader.
    Objects,
    None,
}

impl Arrays {
    pub(super) fn hold(self, wrapper: Wrapper, objects: bool) -> bool {
        match self {
            Self::All => true,
            Self::Of(own) => own == wrapper,
            Self::Objects => objects,
            Self::None => false,
        }
    }
}

/// Which kinds of arrays were met.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Met {
    joblib: bool,
    vendored: bool,
}

impl Met {
    pub(super) fn note(&mut self, wrapper: Wrapper) {
        match wrapper {
            Wrapper::Joblib => self.joblib = true,
            Wrapper::Vendored => self.vendored = true,
        }
    }

    /// How loaders read the stream that do not step over all of its arrays.
    pub(super) const fn others(self, broken: bool) -> &'static [Arrays] {
        match (self.joblib, self.vendored) {
            (false, false) => &[],
            (true, true) => &[
                Arrays::Objects,
                Arrays::None,
                Arrays::Of(Wrapper::Joblib),
                Arrays::Of(Wrapper::Vendored),
            ],
            // A pickle inside has a memo of its own for joblib only: where it breaks, it may not for others.
            _ if broken => &[Arrays::Objects, Arrays::None],
            _ => &[Arrays::Objects],
        }
    }
}

/// Adds what another loader would import and call in the bytes of the arrays. Numbers read as opcodes
/// break off at once, or name what no module is called, which is left out.
pub(super) fn add(into: &mut Traced, mut other: Traced) {
    if let (PickleEnd::Stop, PickleEnd::Limit(_)) = (&into.trace.end, &other.trace.end) {
        into.trace.end = other.trace.end.clone();
    }
    // Both readings are the same up to the first array.
    let globals = common(&into.trace.globals, &other.trace.globals, |one, two| {
        one.name == two.name
    });
    let calls = common(&into.trace.calls, &other.trace.calls, PartialEq::eq);
    let nested = common(&into.nested, &other.nested, |one, two| {
        (&one.path, one.offset) == (&two.path, two.offset)
    });
    for (known, other) in into
        .trace
        .globals
        .iter_mut()
        .zip(&other.trace.globals)
        .take(globals)
    {
        known.called |= other.called;
    }
    other.trace.globals.drain(..globals);
    other.trace.calls.drain(..calls);
    other.nested.drain(..nested);
    let named = |name: &str| name.split('.').all(claim::is_identifier);
    other.trace.globals.retain(|global| named(&global.name));
    let globals = into.trace.globals.iter().chain(&other.trace.globals);
    let imported: Vec<&str> = globals.map(|global| global.name.as_str()).collect();
    other.trace.calls.retain(|call| {
        let of = |name: &&str| call.callable.starts_with(*name);
        imported.iter().any(of)
    });
    other.consumed = 0;
    merge(into, other);
}

/// How many first items of both are the same.
fn common<T>(one: &[T], two: &[T], same: impl Fn(&T, &T) -> bool) -> usize {
    one.iter()
        .zip(two)
        .take_while(|(one, two)| same(one, two))
        .count()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::assemble::Pickle;
    use super::super::{Traced, trace};
    use super::*;
    use stance_read::limits::Limits;

    fn run(bytes: &[u8]) -> Traced {
        trace(&Arc::from("m.pkl"), bytes, 0, &Limits::default())
    }

    fn calls_system(traced: &Traced) -> bool {
        let calls = &traced.trace.calls;
        calls.iter().any(|call| call.callable == "os.system")
    }

    /// The description of `count` elements of type `of`, as old copies of joblib write it: without
    /// padding before the bytes.
    fn array(pickle: Pickle, module: &str, of: &str, count: i32) -> Pickle {
        pickle
            .global(module, "NumpyArrayWrapper")
            .raw(b")\x81}(")
            .text("shape")
            .int(count)
            .tuple_of(1)
            .text("dtype")
            .global("numpy", "dtype")
            .text(of)
            .tuple_of(1)
            .reduce()
            .raw(b"u")
            .build()
    }

    const OWN: &str = "joblib.numpy_pickle";
    const VENDORED: &str = "sklearn.externals.joblib.numpy_pickle";

    #[test]
    fn arrays_of_the_copy_in_scikit_learn_are_stepped_over() {
        let bytes = array(Pickle::protocol(2), VENDORED, "f8", 2)
            .raw(&[0; 16])
            .stop();
        assert_eq!(run(&bytes).trace.end, PickleEnd::Stop);
    }

    #[test]
    fn files_that_old_arrays_lie_in_are_read_wherever_they_are() {
        let naming = |file: &str| {
            let bytes = Pickle::protocol(2)
                .global("joblib.numpy_pickle", "NDArrayWrapper")
                .raw(b")\x81}")
                .text("filename")
                .text(file)
                .raw(b"sb")
                .stop();
            let calls = run(&bytes).trace.calls;
            let read = "joblib.numpy_pickle.NDArrayWrapper.read";
            calls.iter().any(|call| call.callable == read)
        };
        assert!(naming("/var/lib/secret.npy"));
        assert!(naming("../other/weights.npy"));
        assert!(!naming("model.pkl_01.npy"));
    }

    #[test]
    fn bytes_of_an_array_are_opcodes_for_a_loader_that_does_not_know_it() {
        let hidden = b"cos\nsystem\nX\x02\0\0\0id\x85R.";
        let count = i32::try_from(hidden.len()).unwrap();
        for module in [OWN, VENDORED] {
            let bytes = array(Pickle::protocol(2), module, "u1", count)
                .raw(hidden)
                .stop();
            let traced = run(&bytes);
            assert!(calls_system(&traced), "{module}");
            assert_eq!(traced.trace.end, PickleEnd::Stop, "{module}");
        }
        // Each copy steps over its own arrays: the first is numbers, the second is opcodes.
        for (first, second) in [(OWN, VENDORED), (VENDORED, OWN)] {
            let pickle = array(Pickle::protocol(2), first, "u1", 2).raw(&[0; 2]);
            let bytes = array(pickle, second, "u1", count).raw(hidden).stop();
            assert!(calls_system(&run(&bytes)), "{first}");
        }
    }

    #[test]
    fn numbers_that_read_as_opcodes_name_nothing() {
        // An import of no module, and opcodes that break off.
        for numbers in [&b"c\xff\xfe\nx\n)R\0\0\0\0\0\0\0\0"[..], &[0x63; 16]] {
            let bytes = array(Pickle::protocol(2), OWN, "f8", 2).raw(numbers).stop();
            let traced = run(&bytes);
            let names: Vec<&str> = traced
                .trace
                .globals
                .iter()
                .map(|global| global.name.as_str())
                .collect();
            assert_eq!(
                names,
                ["joblib.numpy_pickle.NumpyArrayWrapper", "numpy.dtype"]
            );
        }
    }

    #[test]
    fn a_pickle_inside_reads_the_memo_of_the_outer_one_where_joblib_is_not_known() {
        let bytes = Pickle::protocol(2).global("os", "system").raw(b"q\x090");
        let bytes = array(bytes, OWN, "O", 1)
            .raw(b"h\x09X\x02\0\0\0id\x85R.")
            .stop();
        assert!(calls_system(&run(&bytes)));
    }
}
