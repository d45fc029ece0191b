//! What bytes are, by the marks that formats carry at their start.

use std::cell::OnceCell;

use stance_pickle::Trial;
use stance_read::Input;
use stance_read::little_endian::{u32_at, u64_at};

/// A format that its first bytes give away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Magic {
    /// A Python pickle.
    Pickle,
    /// A zip archive.
    Zip,
    /// A tar archive.
    Tar,
    /// gzip data.
    Gzip,
    /// bzip2 data.
    Bzip2,
    /// xz data.
    Xz,
    /// An LZ4 frame.
    Lz4,
    /// A Zstandard frame.
    Zstd,
    /// A 7z archive.
    SevenZip,
    /// A RAR archive.
    Rar,
    /// A NumPy array.
    Npy,
    /// An HDF5 file.
    Hdf5,
    /// A GGUF model.
    Gguf,
    /// A safetensors file.
    Safetensors,
    /// A TensorFlow Lite model.
    Tflite,
    /// A serialised R object.
    RData,
    /// A program of Linux and others.
    Elf,
    /// A program of Windows.
    Pe,
    /// A program of Apple's systems.
    MachO,
    /// A script with an interpreter in its first line.
    Script,
    /// A class of Java.
    JavaClass,
    /// A program of Android.
    Dex,
    /// A WebAssembly module.
    WebAssembly,
    /// Compiled Python.
    PythonCode,
    /// Compiled Lua.
    LuaCode,
}

impl Magic {
    /// What people call it, with its article.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Pickle => "a Python pickle",
            Self::Zip => "a zip archive",
            Self::Tar => "a tar archive",
            Self::Gzip => "gzip data",
            Self::Bzip2 => "bzip2 data",
            Self::Xz => "xz data",
            Self::Lz4 => "LZ4 data",
            Self::Zstd => "Zstandard data",
            Self::SevenZip => "a 7z archive",
            Self::Rar => "a RAR archive",
            Self::Npy => "a NumPy array",
            Self::Hdf5 => "an HDF5 file",
            Self::Gguf => "a GGUF model",
            Self::Safetensors => "a safetensors file",
            Self::Tflite => "a TensorFlow Lite model",
            Self::RData => "a serialised R object",
            Self::Elf => "an ELF executable",
            Self::Pe => "a Windows executable",
            Self::MachO => "a Mach-O executable",
            Self::Script => "a script",
            Self::JavaClass => "a Java class",
            Self::Dex => "an Android program",
            Self::WebAssembly => "a WebAssembly module",
            Self::PythonCode => "compiled Python",
            Self::LuaCode => "compiled Lua",
        }
    }

    /// Whether an operating system would run it.
    pub const fn is_executable(self) -> bool {
        matches!(self, Self::Elf | Self::Pe | Self::MachO | Self::Script)
    }

    /// Whether an operating system or a virtual machine would run it.
    pub const fn is_program(self) -> bool {
        self.is_executable()
            || matches!(
                self,
                Self::JavaClass | Self::Dex | Self::WebAssembly | Self::PythonCode | Self::LuaCode
            )
    }

    /// Whether a model, or a container that can hold one, looks like this.
    pub const fn may_hold_model(self) -> bool {
        !self.is_program()
    }
}

/// What is remembered of a file: several parsers ask, and a run of the pickle machine is dear.
#[derive(Default)]
struct Recognition {
    magic: OnceCell<Option<Magic>>,
    trial: OnceCell<Option<Trial>>,
}

/// What the head of a file is.
pub trait Recognise {
    /// What the head is, by the marks of formats.
    fn magic(&self) -> Option<Magic>;

    /// The head run as a pickle; `None` when its first byte already starts none.
    fn pickle_trial(&self) -> Option<&Trial>;
}

impl Recognise for Input<'_> {
    fn magic(&self) -> Option<Magic> {
        let recognise = || {
            recognise_with(self.head(), |head| {
                self.pickle_trial()
                    .is_some_and(|trial| trial.starts_pickle(head))
            })
        };
        match self.remembered::<Recognition>() {
            Some(recognition) => *recognition.magic.get_or_init(recognise),
            None => recognise(),
        }
    }

    fn pickle_trial(&self) -> Option<&Trial> {
        let recognition = self.remembered::<Recognition>()?;
        recognition
            .trial
            .get_or_init(|| Trial::of(self.head()))
            .as_ref()
    }
}

/// Recognises a format by the first bytes; 512 are enough for all of them. Of the head of a file ask
/// [`Input::magic`](stance_read::Input::magic), which remembers the answer.
pub fn recognise(head: &[u8]) -> Option<Magic> {
    recognise_with(head, stance_pickle::starts_pickle)
}

/// [`recognise`] with another answer to whether the bytes are a pickle, which is the dear question.
pub(crate) fn recognise_with(
    head: &[u8],
    starts_pickle: impl FnOnce(&[u8]) -> bool,
) -> Option<Magic> {
    const MARKS: [(&[u8], Magic); 16] = [
        (b"PK\x03\x04", Magic::Zip),
        (b"PK\x05\x06", Magic::Zip),
        (b"\x1f\x8b\x08", Magic::Gzip),
        (b"\xfd7zXZ\0", Magic::Xz),
        (b"\x04\x22\x4d\x18", Magic::Lz4),
        (b"\x28\xb5\x2f\xfd", Magic::Zstd),
        (b"7z\xbc\xaf\x27\x1c", Magic::SevenZip),
        (b"Rar!\x1a\x07", Magic::Rar),
        (b"\x93NUMPY", Magic::Npy),
        (b"\x89HDF\r\n\x1a\n", Magic::Hdf5),
        (b"GGUF", Magic::Gguf),
        (b"\x7fELF", Magic::Elf),
        (b"\xfe\xed\xfa\xce", Magic::MachO),
        (b"\xfe\xed\xfa\xcf", Magic::MachO),
        (b"\xce\xfa\xed\xfe", Magic::MachO),
        (b"\xcf\xfa\xed\xfe", Magic::MachO),
    ];
    let marked = MARKS
        .iter()
        .find(|(mark, _)| head.starts_with(mark))
        .map(|(_, magic)| *magic);
    if marked.is_some() {
        return marked;
    }
    if starts_pickle(head) {
        return Some(Magic::Pickle);
    }
    if head.starts_with(b"BZh") && head.get(4..10) == Some(b"\x31\x41\x59\x26\x53\x59") {
        return Some(Magic::Bzip2);
    }
    if head.get(4..8) == Some(b"TFL3") {
        return Some(Magic::Tflite);
    }
    if head.starts_with(b"#!/") || head.starts_with(b"#! /") {
        return Some(Magic::Script);
    }
    if let Some(program) = program(head) {
        return Some(program);
    }
    if crate::rdata::is_header(head) {
        return Some(Magic::RData);
    }
    if is_pe(head) {
        return Some(Magic::Pe);
    }
    if is_safetensors(head) {
        return Some(Magic::Safetensors);
    }
    if crate::tar_header::is_header(head) {
        return Some(Magic::Tar);
    }
    None
}

/// Programs that are no files of an operating system, or of several at once.
fn program(head: &[u8]) -> Option<Magic> {
    use crate::payload::program;
    match head.first()? {
        0xca if program::is_universal(head) => Some(Magic::MachO),
        0xca if program::is_java_class(head) => Some(Magic::JavaClass),
        b'd' if program::is_dex(head) => Some(Magic::Dex),
        0 if program::is_web_assembly(head) => Some(Magic::WebAssembly),
        0x1b if head.starts_with(b"\x1bLua") || program::is_lua_code(head) => Some(Magic::LuaCode),
        _ if program::is_python_code(head) => Some(Magic::PythonCode),
        _ => None,
    }
}

/// Formats that hold no model but that people open, as the front of a file that is two things.
pub fn foreign(head: &[u8]) -> Option<&'static str> {
    const MARKS: [(&[u8], &str); 12] = [
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"GIF8", "a GIF picture"),
        (b"BM", "a BMP picture"),
        (b"RIFF", "a RIFF file"),
        (b"%PDF-", "a PDF document"),
        (b"ID3", "an MP3 file"),
        (b"OggS", "an Ogg file"),
        (b"\0asm", "a WebAssembly module"),
        (b"\xca\xfe\xba\xbe", "a Java class or universal binary"),
        (b"MZ", "a DOS or Windows executable"),
        (b"#!", "a script"),
    ];
    MARKS
        .iter()
        .find(|(mark, _)| head.starts_with(mark))
        .map(|(_, title)| *title)
}

/// Whether this starts an executable that is one on several systems at once, as llamafiles are.
pub fn is_portable_executable(head: &[u8]) -> bool {
    [&b"MZqFpD='"[..], b"jartsr='", b"APEDBG='"]
        .iter()
        .any(|mark| head.starts_with(mark))
}

fn is_pe(head: &[u8]) -> bool {
    if !head.starts_with(b"MZ") {
        return false;
    }
    let Some(offset) = u32_at(head, 0x3c).and_then(|offset| usize::try_from(offset).ok()) else {
        return false;
    };
    // A header further away than the bytes at hand is left to doubt.
    head.get(offset..)
        .is_some_and(|rest| rest.starts_with(b"PE\0\0"))
}

fn is_safetensors(head: &[u8]) -> bool {
    u64_at(head, 0).is_some_and(|length| (2..1 << 30).contains(&length))
        && head.get(8..10) == Some(b"{\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pickles_are_told_from_text_and_floats() {
        for pickle in [
            &b"\x80\x04\x95\x10\0\0\0\0\0\0\0}\x94."[..],
            b"\x80\x02}q\0.",
            b"cos\nsystem\n(S'echo'\ntR.",
            b"(ios\nsystem\n(S'echo'\n.",
        ] {
            assert_eq!(recognise(pickle), Some(Magic::Pickle), "{pickle:?}");
        }
        for other in [
            &b"class\nnames\nhere"[..],
            b"cat\ndog\nbird\n",
            b"\x80\x3f\x00\x00",
            b"\x80\x02\x00\x00",
            b"",
        ] {
            assert_eq!(recognise(other), None, "{other:?}");
        }
    }
}
