//! Types of elements: what PyTorch and NumPy call them, and what safetensors calls them.

/// A type that safetensors has, in the order in which its library sorts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dtype {
    /// One byte, zero or one.
    Bool,
    /// 8 bits, unsigned.
    U8,
    /// 8 bits, signed.
    I8,
    /// 8-bit float, 5 bits of exponent.
    F8E5M2,
    /// 8-bit float, 4 bits of exponent, finite only.
    F8E4M3,
    /// An exponent of 8 bits.
    F8E8M0,
    /// 16 bits, signed.
    I16,
    /// 16 bits, unsigned.
    U16,
    /// Half precision.
    F16,
    /// Half precision with the exponent of single precision.
    BF16,
    /// 32 bits, signed.
    I32,
    /// 32 bits, unsigned.
    U32,
    /// Single precision.
    F32,
    /// Two single-precision floats.
    C64,
    /// Double precision.
    F64,
    /// 64 bits, signed.
    I64,
    /// 64 bits, unsigned.
    U64,
}

impl Dtype {
    /// Bytes of one element.
    #[must_use]
    pub const fn size(self) -> u64 {
        match self {
            Self::Bool | Self::U8 | Self::I8 | Self::F8E5M2 | Self::F8E4M3 | Self::F8E8M0 => 1,
            Self::I16 | Self::U16 | Self::F16 | Self::BF16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::C64 | Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }

    /// Bytes of what is reversed as one in the other byte order.
    pub(crate) const fn word(self) -> usize {
        match self {
            Self::Bool | Self::U8 | Self::I8 | Self::F8E5M2 | Self::F8E4M3 | Self::F8E8M0 => 1,
            Self::I16 | Self::U16 | Self::F16 | Self::BF16 => 2,
            Self::I32 | Self::U32 | Self::F32 | Self::C64 => 4,
            Self::F64 | Self::I64 | Self::U64 => 8,
        }
    }

    /// What safetensors calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bool => "BOOL",
            Self::U8 => "U8",
            Self::I8 => "I8",
            Self::F8E5M2 => "F8_E5M2",
            Self::F8E4M3 => "F8_E4M3",
            Self::F8E8M0 => "F8_E8M0",
            Self::I16 => "I16",
            Self::U16 => "U16",
            Self::F16 => "F16",
            Self::BF16 => "BF16",
            Self::I32 => "I32",
            Self::U32 => "U32",
            Self::F32 => "F32",
            Self::C64 => "C64",
            Self::F64 => "F64",
            Self::I64 => "I64",
            Self::U64 => "U64",
        }
    }

    /// By the name of a storage class of PyTorch, such as `FloatStorage`.
    pub(crate) fn of_storage(class: &str) -> Option<Self> {
        Some(match class.strip_suffix("Storage")? {
            "Double" => Self::F64,
            "Float" => Self::F32,
            "Half" => Self::F16,
            "BFloat16" => Self::BF16,
            "Long" => Self::I64,
            "Int" => Self::I32,
            "Short" => Self::I16,
            "Char" => Self::I8,
            "Byte" => Self::U8,
            "Bool" => Self::Bool,
            "ComplexFloat" => Self::C64,
            _ => return None,
        })
    }

    /// Bytes of one element of a storage class, also of those whose elements safetensors has not.
    pub(crate) fn storage_size(class: &str) -> Option<u64> {
        match class {
            "ComplexDoubleStorage" => Some(16),
            "QInt8Storage" | "QUInt8Storage" | "QUInt4x2Storage" | "QUInt2x4Storage"
            | "UntypedStorage" | "_UntypedStorage" => Some(1),
            "QInt32Storage" => Some(4),
            _ => Self::of_storage(class).map(Self::size),
        }
    }

    /// By the name of a `torch.dtype`.
    pub(crate) fn of_torch(name: &str) -> Option<Self> {
        Some(match name {
            "float64" | "double" => Self::F64,
            "float32" | "float" => Self::F32,
            "float16" | "half" => Self::F16,
            "bfloat16" => Self::BF16,
            "float8_e4m3fn" => Self::F8E4M3,
            "float8_e5m2" => Self::F8E5M2,
            "float8_e8m0fnu" => Self::F8E8M0,
            "int64" | "long" => Self::I64,
            "int32" | "int" => Self::I32,
            "int16" | "short" => Self::I16,
            "int8" => Self::I8,
            "uint8" => Self::U8,
            "uint16" => Self::U16,
            "uint32" => Self::U32,
            "uint64" => Self::U64,
            "bool" => Self::Bool,
            "complex64" | "cfloat" => Self::C64,
            _ => return None,
        })
    }

    /// By the letter and size of a type of NumPy, without its byte order: `f4`.
    pub(crate) fn of_numpy(code: &str) -> Option<Self> {
        Some(match code {
            "f8" | "d" => Self::F64,
            "f4" | "f" => Self::F32,
            "f2" | "e" => Self::F16,
            "i8" => Self::I64,
            "i4" => Self::I32,
            "i2" => Self::I16,
            "i1" => Self::I8,
            "u8" => Self::U64,
            "u4" => Self::U32,
            "u2" => Self::U16,
            "u1" => Self::U8,
            "b1" | "?" => Self::Bool,
            "c8" => Self::C64,
            _ => return None,
        })
    }
}
