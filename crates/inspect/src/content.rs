//! What compressed bytes hold: in memory while it is small, else unpacked anew as it is read.

use stance_core::Evidence;
use stance_core::fact::Artifact;

use stance_models::magic::{Magic, recognise};
use stance_models::members::note_ending;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::source::{Bytes, Source};
use stance_read::unpack::{
    Bounds, Compression, Ending, Packed, Reread, Stream, Unpacked, is_bomb, unpack_stream,
};

/// How much of the start is held of what is not held whole.
const START: usize = 1 << 20;
/// Most bytes that LZMA may refer back to in what is not held whole.
const DICTIONARY: u64 = 40 << 20;
/// Bytes that the other decoders hold at most.
const WINDOW: u64 = 20 << 20;

/// What came out of compressed bytes.
pub(crate) struct Content<'a> {
    held: Vec<u8>,
    again: Option<Reread<'a>>,
    pub(crate) ending: Ending,
    /// How many packed bytes were taken.
    pub(crate) used: u64,
    /// How many bytes can be had.
    pub(crate) length: u64,
    /// Bytes of memory that it takes.
    memory: u64,
}

impl<'a> Content<'a> {
    /// Unpacks the range `packed` (start, length) of `input`, which starts with `head`. Of a pickle or an
    /// array that is larger than a member may be nothing is held: it is measured, as far as the budget of
    /// the outermost file reaches. How it ended, where not well, is said: a gap, and an anomaly of `outer`.
    pub(crate) fn read(
        compression: Compression,
        packed: (u64, u64),
        head: &[u8],
        outer: &mut Artifact,
        input: &Input<'a>,
        evidence: &Evidence,
        facts: &mut Facts<'_>,
    ) -> Self {
        let limits = &input.options().limits;
        let bounds = Bounds {
            bytes: limits.member.min(facts.unpacked_left()).min(facts.room()),
            ratio: limits.ratio,
        };
        let open = || Packed::new(input.source(), packed.0, packed.1);
        let unpacked = unpack_stream(compression, open(), bounds);
        facts.count_bytes(unpacked.used);
        // Filler is followed no further: that it fills is all there is to say of it.
        let followed = recognise(head) == Some(Magic::Npy) || stance_pickle::claim::may_start(head);
        let within = bounds.bytes < facts.unpacked_left();
        let content = if unpacked.is_cut() && followed && within {
            Self::measured(compression, packed, unpacked, input, bounds, facts)
        } else {
            Self::held(unpacked)
        };
        facts.take_unpacked(content.length);
        let (length, used) = (content.length, content.used);
        note_ending(
            compression,
            &content.ending,
            (used, length),
            outer,
            evidence,
            facts,
        );
        content
    }

    fn held(unpacked: Unpacked) -> Self {
        let length = unpacked.bytes.len() as u64;
        Self {
            held: unpacked.bytes,
            again: None,
            ending: unpacked.ending,
            used: unpacked.used,
            length,
            memory: length,
        }
    }

    /// Content of which `unpacked` is the part that fits into memory.
    fn measured(
        compression: Compression,
        packed: (u64, u64),
        unpacked: Unpacked,
        input: &Input<'a>,
        bounds: Bounds,
        facts: &mut Facts<'_>,
    ) -> Self {
        let known = unpacked.bytes.len() as u64;
        let mut start = unpacked.bytes;
        start.truncate(START);
        start.shrink_to_fit();
        let (memory, room) = if compression.is_lzma() {
            let room = facts.room().saturating_sub(Reread::held()).min(DICTIONARY);
            (room, room)
        } else {
            (WINDOW, 0)
        };
        let open = || Packed::new(input.source(), packed.0, packed.1);
        let most = facts.unpacked_left();
        let (ending, used, length) =
            measure(Stream::new(compression, open(), room), most, bounds.ratio);
        facts.count_bytes(used);
        if length < known {
            // It cannot be followed without holding it.
            return Self::held(unpack_stream(compression, open(), bounds));
        }
        // It is read once more.
        facts.count_bytes(used);
        let memory = memory
            .saturating_add(start.len() as u64)
            .saturating_add(Reread::held());
        let again = Reread::new(compression, input.source(), packed, start, length, room);
        Self {
            held: Vec::new(),
            again: Some(again),
            ending,
            used,
            length,
            memory,
        }
    }

    /// All of it, where it is held.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        self.again.is_none().then_some(&*self.held)
    }

    /// Whether there is more, and only a bound kept it back.
    pub(crate) fn is_cut(&self) -> bool {
        matches!(self.ending, Ending::Limit | Ending::Bomb)
    }

    /// Gives the content to `look`, while it counts as held in memory.
    pub(crate) fn look<R>(
        &self,
        facts: &mut Facts<'_>,
        look: impl FnOnce(&dyn Source, &mut Facts<'_>) -> R,
    ) -> R {
        facts.hold(self.memory);
        let result = match &self.again {
            Some(again) => look(again, facts),
            None => look(&Bytes(&self.held), facts),
        };
        facts.release(self.memory);
        result
    }
}

/// How a stream ends, how many packed bytes it takes and how many come out, `most` of them.
fn measure(mut stream: Stream<'_>, most: u64, ratio: u64) -> (Ending, u64, u64) {
    let mut step = vec![0; 64 * 1024];
    let mut length = 0_u64;
    loop {
        let count = stream.read(&mut step) as u64;
        if let Some((ending, used)) = stream.ending() {
            return (ending.clone(), used, length);
        }
        length = length.saturating_add(count);
        if length > most {
            let used = stream.used();
            let bounds = Bounds { bytes: most, ratio };
            let ending = if is_bomb(most, used, bounds) {
                Ending::Bomb
            } else {
                Ending::Limit
            };
            return (ending, used, most);
        }
    }
}
