//! Byte code that is an expression of its arguments and nothing else: `lambda inputs, scale: inputs[0] * scale`.

use super::dialect::{Dialect, Does};
use super::{Code, Constant, Layout};

/// Whether running `code` applies operators to its arguments and constants and does nothing else: it is one run of
/// loads, operators, items and containers that ends by returning; no names, no calls, no jumps, no code inside.
/// Every operand points at what is there and every instruction finds its values, so that the interpreter does what
/// the instructions say. Code of a version that is not known is none.
pub(super) fn is_computation(code: &Code) -> bool {
    let plain = |constant: &Constant| {
        matches!(constant, Constant::Plain(_))
            || matches!(constant, Constant::Tuple(items)
                if items.iter().all(|item| matches!(item, Constant::Plain(_))))
    };
    // A documented function has its text in front.
    let constants = match &*code.constants {
        [Constant::Text(_), rest @ ..] => rest,
        all => all,
    };
    let alone = code.names.is_empty() && code.cells.is_empty() && code.free.is_empty();
    if !alone || !constants.iter().all(plain) {
        return false;
    }
    let Some(dialect) = Dialect::of(code) else {
        return matches!(code.layout, Layout::Two | Layout::Seven) && is_old_computation(code);
    };
    let (words, _) = code.instructions.as_chunks::<2>();
    let mut depth = 0_usize;
    let mut skip = 0_u8;
    let mut returned = false;
    for [number, argument] in words {
        if skip > 0 {
            skip = skip.saturating_sub(1);
            continue;
        }
        let Some(instruction) = dialect.instruction(*number) else {
            return false;
        };
        skip = instruction.cache;
        let argument = usize::from(*argument);
        let effect = effect(dialect.minor, *number, instruction.does, argument);
        let Some((takes, gives)) = effect.filter(|_| !returned) else {
            return false;
        };
        let local = instruction.does == Does::Local && argument >= code.locals.len();
        let Some(rest) = depth.checked_sub(takes).filter(|_| !local) else {
            return false;
        };
        depth = rest.saturating_add(gives);
        returned = instruction.does == Does::Leave;
    }
    returned
}

/// The same for byte code up to Python 3.5, whose instructions have one byte, or three with an operand.
fn is_old_computation(code: &Code) -> bool {
    let mut rest = &*code.instructions;
    let mut depth = 0_usize;
    loop {
        let (number, operand, behind) = match rest {
            [number, behind @ ..] if *number < 90 => (*number, 0, behind),
            [number, low, high, behind @ ..] => (
                *number,
                usize::from(u16::from_le_bytes([*low, *high])),
                behind,
            ),
            _ => return false,
        };
        let (takes, gives) = match number {
            83 => return depth == 1 && behind.is_empty(),
            100 if operand < code.constants.len() => (0, 1),
            124 if operand < code.locals.len() => (0, 1),
            // Signs, then powers, products and the like, and comparisons.
            10 | 11 | 15 => (1, 1),
            16 | 19..=27 | 107 => (2, 1),
            102 | 103 => (operand, 1),
            133 if matches!(operand, 2 | 3) => (operand, 1),
            _ => return false,
        };
        let Some(left) = depth.checked_sub(takes) else {
            return false;
        };
        depth = left.saturating_add(gives);
        rest = behind;
    }
}

/// How many values an instruction takes from the stack and gives back; `None` for one that does more than compute.
fn effect(minor: u8, number: u8, does: Does, argument: usize) -> Option<(usize, usize)> {
    Some(match (does, number) {
        (Does::Resume, _) => (0, 0),
        (Does::Const | Does::Local, _) => (0, 1),
        (Does::Item | Does::Add | Does::Divide | Does::Operator, _) => (2, 1),
        (Does::Slice, _) => (3, 1),
        // Tuples, lists and slices, which have the same numbers up to 3.12.
        (Does::Build, 102 | 103 | 133) if minor <= 12 => (argument, 1),
        // The signs of numbers, and up to 3.10 the operators that have numbers of their own.
        (Does::Grows(0), 10 | 11 | 15) if minor <= 12 => (1, 1),
        (Does::Grows(-1), 16 | 19 | 20 | 22 | 24 | 26 | 107) if minor <= 10 => (2, 1),
        (Does::Leave, 83) if minor <= 12 => (1, 0),
        (Does::Leave, 36) if minor == 13 => (1, 0),
        (Does::Leave, 35) if minor == 14 => (1, 0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    fn code(layout: Layout, instructions: &str) -> Code {
        let bytes: Vec<u8> = (0..instructions.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&instructions[at..at + 2], 16).unwrap())
            .collect();
        Code {
            instructions: bytes.into(),
            constants: ["None", "0", "1"]
                .map(|text| Constant::Plain(text.into()))
                .into(),
            locals: vec!["inputs".into(), "scale".into()],
            layout,
            ..Code::default()
        }
    }

    /// `lambda inputs, scale: inputs[0] + inputs[1] * scale`.
    const EXPRESSION: &[(Layout, &str)] = &[
        (Layout::Seven, "7c00640119007c00640219007c01140017005300"),
        (Layout::Ten, "7c00640119007c00640219007c01140017005300"),
        (
            Layout::Eleven,
            "97007c006401190000007c006402190000007c017a0500007a0000005300",
        ),
    ];

    #[test]
    fn an_expression_of_its_arguments_is_a_computation() {
        for (layout, instructions) in EXPRESSION {
            let code = code(*layout, instructions);
            assert!(is_computation(&code), "{layout:?}");
            // Cut anywhere it no longer returns.
            for end in (0..instructions.len()).step_by(4) {
                let cut = self::code(*layout, &instructions[..end]);
                assert!(!is_computation(&cut), "{layout:?} {end}");
            }
        }
    }

    #[test]
    fn old_byte_code_is_read_too() {
        // `lambda x: x / 0 - 1`, and relatives that call, jump, point elsewhere or go on.
        for (layout, instructions, computes) in [
            (Layout::Seven, "7c00006401001b640200185300", false),
            (Layout::Seven, "7c00006401001b6402001853", true),
            (Layout::Two, "7c00006401001b6402001853", true),
            (Layout::Ten, "7c00006401001b6402001853", false),
            (Layout::Seven, "7c000083000053", false),
            (Layout::Seven, "7c000064090018 53", false),
            (Layout::Seven, "1853", false),
            (Layout::Seven, "7c0000", false),
        ] {
            let code = code(layout, &instructions.replace(' ', ""));
            assert_eq!(is_computation(&code), computes, "{layout:?} {instructions}");
        }
    }

    #[test]
    fn what_does_more_or_points_elsewhere_is_none() {
        for instructions in [
            "7c0583005300",     // a local that is not there
            "7c0064095300",     // a constant that is not there
            "14005300",         // an operator without values
            "7c0083005300",     // a call
            "7c00530064005300", // more behind the return
            "6e027c005300",     // a jump
        ] {
            assert!(
                !is_computation(&code(Layout::Ten, instructions)),
                "{instructions}"
            );
        }
        let (layout, instructions) = EXPRESSION[1];
        let honest = code(layout, instructions);
        for other in [
            Code {
                names: vec!["os".into()],
                ..honest.clone()
            },
            Code {
                free: vec!["f".into()],
                ..honest.clone()
            },
            Code {
                constants: Rc::from([
                    Constant::Plain("0".into()),
                    Constant::Text("a".into()),
                    Constant::Other,
                ]),
                ..honest.clone()
            },
            Code {
                layout: Layout::Two,
                ..honest.clone()
            },
        ] {
            assert!(!is_computation(&other), "{other:?}");
        }
    }
}
