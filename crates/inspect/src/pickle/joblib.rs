//! Which loaders step over the arrays that joblib writes between opcodes.
//!
//! joblib and the copy of it in old scikit-learn read the bytes of an array behind the object that
//! describes it, each for its own class only. For every other unpickler these bytes are opcodes.

use stance_core::fact::PickleEnd;

use super::{Traced, claim, merge};

/// The class whose state is followed by the bytes of an array, by its name behind that of the package.
const WRAPPER: &str = "joblib.numpy_pickle.NumpyArrayWrapper";

/// Whose class describes an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrapper {
    /// That of joblib itself.
    Joblib,
    /// That of a copy inside another package, as `sklearn.externals.joblib`.
    Vendored,
}

/// Whether `name` is the class that describes an array, and whose.
pub(crate) fn wrapper(name: &str) -> Option<Wrapper> {
    match name.strip_suffix(WRAPPER)? {
        "" => Some(Wrapper::Joblib),
        package => package.ends_with('.').then_some(Wrapper::Vendored),
    }
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
