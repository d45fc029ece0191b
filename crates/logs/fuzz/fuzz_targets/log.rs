//! The reader of logs on any bytes: what it adds up does not depend on how the bytes come in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stance_logs::{By, Catalogue, Options, Reader, Tally};

fn read(data: &[u8], piece: usize) -> String {
    let catalogue = Catalogue::embedded();
    let options = Options {
        head: 4096,
        line: 8192,
        ..Options::at(1_795_694_400)
    };
    let mut tally = Tally::new(100);
    let mut reader = Reader::new("some.log", "", catalogue, options);
    for piece in data.chunks(piece) {
        if !reader.feed(piece, &mut tally) {
            break;
        }
    }
    let read = reader.finish(&mut tally);
    format!("{read:?} {:?}", tally.rows(catalogue, By::User))
}

fuzz_target!(|data: &[u8]| {
    let whole = read(data, data.len().max(1));
    assert_eq!(whole, read(data, 7));
});
