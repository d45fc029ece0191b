//! The opcodes of protocols 0 to 5, as CPython's `pickletools` lists them.

macro_rules! opcodes {
    ($($byte:literal $name:ident),+ $(,)?) => {
        $(#[doc = concat!("`", stringify!($name), "`")] pub const $name: u8 = $byte;)+

        /// The name of an opcode; `None` when there is none of that byte.
        pub const fn name(byte: u8) -> Option<&'static str> {
            match byte {
                $($byte => Some(stringify!($name)),)+
                _ => None,
            }
        }
    };
}

opcodes! {
    b'(' MARK, b'.' STOP, b'0' POP, b'1' POP_MARK, b'2' DUP,
    b'F' FLOAT, b'I' INT, b'J' BININT, b'K' BININT1, b'L' LONG, b'M' BININT2,
    b'N' NONE, b'P' PERSID, b'Q' BINPERSID, b'R' REDUCE,
    b'S' STRING, b'T' BINSTRING, b'U' SHORT_BINSTRING, b'V' UNICODE, b'X' BINUNICODE,
    b'a' APPEND, b'b' BUILD, b'c' GLOBAL, b'd' DICT, b'}' EMPTY_DICT, b'e' APPENDS,
    b'g' GET, b'h' BINGET, b'i' INST, b'j' LONG_BINGET, b'l' LIST, b']' EMPTY_LIST, b'o' OBJ,
    b'p' PUT, b'q' BINPUT, b'r' LONG_BINPUT, b's' SETITEM, b't' TUPLE, b')' EMPTY_TUPLE,
    b'u' SETITEMS, b'G' BINFLOAT,
    0x80 PROTO, 0x81 NEWOBJ, 0x82 EXT1, 0x83 EXT2, 0x84 EXT4,
    0x85 TUPLE1, 0x86 TUPLE2, 0x87 TUPLE3, 0x88 NEWTRUE, 0x89 NEWFALSE, 0x8a LONG1, 0x8b LONG4,
    b'B' BINBYTES, b'C' SHORT_BINBYTES,
    0x8c SHORT_BINUNICODE, 0x8d BINUNICODE8, 0x8e BINBYTES8, 0x8f EMPTY_SET, 0x90 ADDITEMS,
    0x91 FROZENSET, 0x92 NEWOBJ_EX, 0x93 STACK_GLOBAL, 0x94 MEMOIZE, 0x95 FRAME,
    0x96 BYTEARRAY8, 0x97 NEXT_BUFFER, 0x98 READONLY_BUFFER,
}
