//! Any frame of the stream, in both ways that sockets speak.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::transcript::dialect::{Dialect, Listener};
use shared::transcript::frame::FrameFields;
use shared::transcript::notice::NoticeFields;

fuzz_target!(|bytes: &[u8]| {
    for dialect in [Dialect::Frames, Dialect::Notices] {
        let mut listener =
            Listener::new(dialect, &FrameFields::default(), &NoticeFields::default());
        for frame in bytes.split(|byte| *byte == b'\n') {
            let _ = listener.read(frame);
        }
    }
});
