//! The instructions of each version of CPython: data beside this file.

use std::sync::LazyLock;

use super::{Code, Layout};

/// What an instruction does to the stack of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    Const,
    Name,
    /// A global, with a null beside it when the lowest bit of the argument says so.
    GlobalNull,
    Attribute,
    /// An attribute, or a method when the lowest bit of the argument says so.
    AttributeNull,
    Method,
    Local,
    Locals,
    Keep,
    KeepLoad,
    KeepBoth,
    Cell,
    CellOf,
    NameOf,
    KeepCell,
    KeepName,
    Import,
    From,
    Call,
    CallNamed,
    CallSpread,
    CallPair,
    CallPairNamed,
    CallSpreadPair,
    CallSpreadAll,
    Names,
    Function,
    FunctionFlags,
    FunctionOf,
    DropSecond,
    Build,
    Map,
    NamedMap,
    Unpack,
    UnpackRest,
    Item,
    Slice,
    Add,
    Divide,
    Operator,
    CopyTop,
    CopyTwo,
    Copy,
    Swap,
    Rotate(u8),
    RotateBy,
    Leave,
    Jump,
    Branch,
    Extend,
    Pop,
    Null,
    Enter,
    Special,
    Super,
    Join,
    Format,
    Resume,
    Set,
    SetItem,
    /// Nothing of interest but that the stack grows or shrinks.
    Grows(i8),
}

impl Does {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "const" => Self::Const,
            "name" => Self::Name,
            "global_null" => Self::GlobalNull,
            "attribute" => Self::Attribute,
            "attribute_null" => Self::AttributeNull,
            "method" => Self::Method,
            "local" => Self::Local,
            "locals" => Self::Locals,
            "keep" => Self::Keep,
            "keep_load" => Self::KeepLoad,
            "keep_both" => Self::KeepBoth,
            "cell" => Self::Cell,
            "cell_of" => Self::CellOf,
            "name_of" => Self::NameOf,
            "keep_cell" => Self::KeepCell,
            "keep_name" => Self::KeepName,
            "import" => Self::Import,
            "from" => Self::From,
            "call" => Self::Call,
            "call_named" => Self::CallNamed,
            "call_spread" => Self::CallSpread,
            "call_pair" => Self::CallPair,
            "call_pair_named" => Self::CallPairNamed,
            "call_spread_pair" => Self::CallSpreadPair,
            "call_spread_all" => Self::CallSpreadAll,
            "names" => Self::Names,
            "function" => Self::Function,
            "function_flags" => Self::FunctionFlags,
            "function_of" => Self::FunctionOf,
            "drop_second" => Self::DropSecond,
            "build" => Self::Build,
            "map" => Self::Map,
            "named_map" => Self::NamedMap,
            "unpack" => Self::Unpack,
            "unpack_rest" => Self::UnpackRest,
            "item" => Self::Item,
            "slice" => Self::Slice,
            "add" => Self::Add,
            "divide" => Self::Divide,
            "operator" => Self::Operator,
            "copy_top" => Self::CopyTop,
            "copy_two" => Self::CopyTwo,
            "copy" => Self::Copy,
            "swap" => Self::Swap,
            "rotate2" => Self::Rotate(2),
            "rotate3" => Self::Rotate(3),
            "rotate4" => Self::Rotate(4),
            "rotate" => Self::RotateBy,
            "leave" => Self::Leave,
            "jump" => Self::Jump,
            "branch" => Self::Branch,
            "extend" => Self::Extend,
            "pop" => Self::Pop,
            "null" => Self::Null,
            "enter" => Self::Enter,
            "special" => Self::Special,
            "super" => Self::Super,
            "join" => Self::Join,
            "format" => Self::Format,
            "resume" => Self::Resume,
            "set" => Self::Set,
            "set_item" => Self::SetItem,
            number => Self::Grows(number.parse().ok()?),
        })
    }
}

/// One instruction of a version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instruction {
    pub(super) does: Does,
    /// Words of cache behind it.
    pub(super) cache: u8,
}

/// The instructions of one version.
pub(super) struct Dialect {
    /// The second number of the version: 12 for 3.12.
    pub(super) minor: u8,
    instructions: [Option<Instruction>; 256],
}

static DIALECTS: LazyLock<Vec<Dialect>> = LazyLock::new(|| {
    let mut dialects: Vec<Dialect> = Vec::new();
    for line in include_str!("instructions.txt").lines() {
        if line.starts_with('#') {
            continue;
        }
        if let Some(minor) = line.strip_prefix("3.") {
            dialects.push(Dialect {
                minor: minor.parse().unwrap_or_default(),
                instructions: [None; 256],
            });
            continue;
        }
        let Some(dialect) = dialects.last_mut() else {
            continue;
        };
        for field in line.split(' ') {
            let Some((number, word)) = field.split_once(':') else {
                continue;
            };
            let (word, cache) = word.split_once('+').unwrap_or((word, "0"));
            let slot = number
                .parse()
                .ok()
                .and_then(|number: usize| dialect.instructions.get_mut(number));
            if let (Some(slot), Some(does)) = (slot, Does::parse(word)) {
                *slot = Some(Instruction {
                    does,
                    cache: cache.parse().unwrap_or_default(),
                });
            }
        }
    }
    dialects
});

impl Dialect {
    pub(super) fn instruction(&self, number: u8) -> Option<Instruction> {
        self.instructions
            .get(usize::from(number))
            .copied()
            .flatten()
    }

    /// Bytes that one step of a jump goes over.
    pub(super) fn step(&self) -> usize {
        if self.minor >= 10 { 2 } else { 1 }
    }

    /// The version in which `code` makes sense: the newest that knows all its instructions and
    /// whose operands point at what is there.
    pub(super) fn of(code: &Code) -> Option<&'static Self> {
        let versions = match code.layout {
            Layout::Two => return None,
            Layout::Seven => 7..=7,
            Layout::Ten => 8..=10,
            Layout::Eleven => 11..=14,
        };
        DIALECTS
            .iter()
            .rev()
            .filter(|dialect| versions.contains(&dialect.minor))
            .find(|dialect| dialect.fits(code))
    }

    fn fits(&self, code: &Code) -> bool {
        let (words, rest) = code.instructions.as_chunks::<2>();
        if words.is_empty() || !rest.is_empty() {
            return false;
        }
        let mut resumes = self.minor < 11;
        let mut leaves = false;
        let mut high = 0_usize;
        let mut skip = 0_u8;
        for [number, argument] in words {
            if skip > 0 {
                // Caches are empty in what is written to files, which tells the versions apart.
                if *number != 0 {
                    return false;
                }
                skip = skip.saturating_sub(1);
                continue;
            }
            let Some(instruction) = self.instruction(*number).filter(|_| *number != 0) else {
                return false;
            };
            let argument = high << 8 | usize::from(*argument);
            high = 0;
            skip = instruction.cache;
            leaves = false;
            let fits = match instruction.does {
                Does::Extend => {
                    high = argument & 0x00ff_ffff;
                    true
                }
                Does::Const | Does::Names => argument < code.constants.len(),
                Does::Name
                | Does::Attribute
                | Does::Method
                | Does::Import
                | Does::From
                | Does::KeepName
                | Does::NameOf
                | Does::Set => argument < code.names.len(),
                Does::GlobalNull | Does::AttributeNull => argument >> 1 < code.names.len(),
                Does::Super => argument >> 2 < code.names.len(),
                Does::Local | Does::Keep if self.minor < 11 => argument < code.locals.len(),
                Does::Resume => {
                    resumes = true;
                    true
                }
                Does::Leave | Does::Jump => {
                    leaves = true;
                    true
                }
                _ => true,
            };
            if !fits {
                return false;
            }
        }
        resumes && leaves
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_data_is_known_and_every_version_there() {
        let versions: Vec<u8> = DIALECTS.iter().map(|dialect| dialect.minor).collect();
        assert_eq!(versions, [7, 8, 9, 10, 11, 12, 13, 14]);
        let fields = include_str!("instructions.txt")
            .lines()
            .filter(|line| !line.starts_with(['#']) && line.contains(':'))
            .flat_map(|line| line.split(' '));
        for field in fields {
            let (number, word) = field.split_once(':').unwrap();
            let (word, cache) = word.split_once('+').unwrap_or((word, "0"));
            assert!(number.parse::<u8>().is_ok(), "{field}");
            assert!(Does::parse(word).is_some(), "{field}");
            assert!(cache.parse::<u8>().is_ok(), "{field}");
        }
    }
}
