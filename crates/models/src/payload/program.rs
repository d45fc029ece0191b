//! Programs: what has to follow their marks, so that numbers do not have it by chance.

use stance_read::little_endian::{u16_at, u32_at};

/// The processor of code for graphics cards, which engines and caches of models are made of.
const CUDA: u16 = 190;

pub(super) fn is_elf(rest: &[u8]) -> bool {
    // Class, byte order and version, then type and machine.
    let little = match rest.get(4..7) {
        Some([1 | 2, order @ (1 | 2), 1]) => *order == 1,
        _ => return false,
    };
    let (Some(kind), Some(machine)) = (u16_at(rest, 16), u16_at(rest, 18)) else {
        // The head of one that is cut here.
        return rest.len() < 20;
    };
    let (kind, machine) = if little {
        (kind, machine)
    } else {
        (kind.swap_bytes(), machine.swap_bytes())
    };
    // Heads that somebody padded with zeros are as telling.
    kind <= 4 && machine < 0x200 && machine != CUDA
}

/// The start of a Windows program whose PE header is at `at`.
pub(super) fn pe_start(bytes: &[u8], at: usize) -> Option<usize> {
    const MACHINES: [u16; 8] = [0x14c, 0x8664, 0xaa64, 0x1c0, 0x1c4, 0x200, 0x6232, 0x6264];
    let rest = bytes.get(at..)?;
    let machine = u16_at(rest, 4)?;
    let sections = u16_at(rest, 6)?;
    let optional = u16_at(rest, 20)?;
    if !MACHINES.contains(&machine) || sections > 96 || !matches!(optional, 0 | 0xe0 | 0xf0) {
        return None;
    }
    let from = at.saturating_sub(1024);
    let before = bytes.get(from..at)?;
    let points_here = |start: usize| {
        u32_at(before, start.saturating_add(0x3c))
            .and_then(|offset| usize::try_from(offset).ok())
            .is_some_and(|offset| from.saturating_add(start).saturating_add(offset) == at)
    };
    memchr::memmem::find_iter(before, b"MZ")
        .find(|start| points_here(*start))
        .map(|start| from.saturating_add(start))
}

/// A Mach-O file of one architecture, in either byte order.
pub(super) fn is_mach_o(rest: &[u8]) -> bool {
    let (Some(processor), Some(kind)) = (u32_at(rest, 4), u32_at(rest, 12)) else {
        return false;
    };
    let (processor, kind) = if matches!(rest.first(), Some(0xfe)) {
        (processor.swap_bytes(), kind.swap_bytes())
    } else {
        (processor, kind)
    };
    matches!(processor & 0x00ff_ffff, 7 | 12 | 18) && (1..=12).contains(&kind)
}

/// A Mach-O file of several architectures: their number, then the first one: x86, ARM, PowerPC.
pub(crate) fn is_universal(rest: &[u8]) -> bool {
    matches!(
        rest,
        [
            0xca,
            0xfe,
            0xba,
            0xbe | 0xbf,
            0,
            0,
            0,
            1..=16,
            0 | 1,
            0,
            0,
            7 | 12 | 18,
            ..
        ]
    )
}

/// A Java class: its version, the size of its pool of constants.
pub(crate) fn is_java_class(rest: &[u8]) -> bool {
    matches!(rest, [0xca, 0xfe, 0xba, 0xbe, 0 | 0xff, _, 0, 45..=80, high, low, ..] if *high > 0 || *low > 1)
}

/// The same where any bytes may stand around it: the pool has to begin with a constant.
pub(super) fn is_java_class_inside(rest: &[u8]) -> bool {
    is_java_class(rest) && matches!(rest.get(10), Some(1 | 3..=12 | 15..=20))
}

/// Compiled Python: a version, CR and LF, how it is checked, and behind one to three words a code object
/// with few arguments.
pub(crate) fn is_python_code(rest: &[u8]) -> bool {
    let checked = matches!(rest, [_, 0x0b..=0x0f, b'\r', b'\n', 0..=3, 0, 0, 0, ..]);
    let older = matches!(rest, [_, 0x0b..=0x0d | 0xf2..=0xf3, b'\r', b'\n', ..]);
    let is_code = |at: usize| {
        matches!(
            rest.get(at..),
            Some([0xe3 | 0x63, 0..=32, 0, 0, 0, 0..=32, 0, 0, 0, ..])
        )
    };
    checked && is_code(16) || older && (is_code(12) || is_code(8))
}

/// A program for Android.
pub(crate) fn is_dex(rest: &[u8]) -> bool {
    matches!(
        rest,
        [
            b'd',
            b'e',
            b'x',
            b'\n',
            b'0',
            b'3' | b'4',
            b'0'..=b'9',
            0,
            ..
        ]
    )
}

/// A module of WebAssembly.
pub(crate) fn is_web_assembly(rest: &[u8]) -> bool {
    rest.starts_with(b"\0asm\x01\0\0\0") && rest.get(8).is_none_or(|section| *section <= 13)
}

/// Compiled Lua: its version, its format, and how numbers lie.
pub(crate) fn is_lua_code(rest: &[u8]) -> bool {
    matches!(rest, [0x1b, b'L', b'u', b'a', 0x50..=0x54, 0, ..])
        || matches!(rest, [0x1b, b'L', b'J', 1 | 2, ..])
}
