//! PaddlePaddle: programs (`.pdmodel`, `__model__`) and the parameters that are stored in a row beside
//! them (`.pdiparams`). Training checkpoints (`.pdparams`, `.pdopt`) are pickles.
//!
//! See `framework.proto` of PaddlePaddle, and how its tensors are serialised.

mod parameters;
mod program;
#[cfg(test)]
mod tests;

use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;

pub use program::OPERATORS;

pub(crate) static INSPECTOR: Paddle = Paddle;

pub(crate) struct Paddle;

impl Inspector for Paddle {
    fn name(&self) -> &'static str {
        "paddle"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        program::starts(input.head()) || parameters::starts(input.head())
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        if parameters::starts(input.head()) {
            parameters::inspect(input, facts);
        } else {
            program::inspect(input, facts);
        }
    }
}
