//! Archives: whatever the bytes, something is scanned or named, within the limits.

use std::io::{Cursor, Read};
use std::sync::Arc;
use std::time::Duration;

use leakspan::model::{Blob, BlobPath, Content, Origin, OriginKind, Problem, Worker};
use leakspan::sources::{ArchiveLimits, ArchiveOptions, deliver};

const MOST_BYTES: u64 = 1 << 20;

#[derive(Default)]
struct Count {
    blobs: u64,
    bytes: u64,
    problems: u64,
}

impl Worker for Count {
    fn blob(&mut self, _: &Blob, content: Content<'_>) {
        let reader: &mut dyn Read = match content {
            Content::Bytes(bytes) => &mut &*bytes,
            Content::Stream(stream) => stream,
            Content::File(file) => &mut { file },
        };
        self.blobs += 1;
        self.bytes += std::io::copy(reader, &mut std::io::sink()).expect("readers end");
    }

    fn problem(&mut self, problem: Problem) {
        assert!(!problem.detail.is_empty());
        self.problems += 1;
    }

    fn stopped(&self) -> bool {
        false
    }

    fn ignores(&self, _: &[u8]) -> bool {
        false
    }
}

pub(crate) fn run(bytes: &[u8]) {
    let limits = ArchiveLimits {
        max_bytes: MOST_BYTES,
        max_entries: 1000,
        max_time: Duration::from_secs(10),
        max_window_bytes: 8 << 20,
        max_buffered_bytes: MOST_BYTES,
        ..ArchiveLimits::default()
    };
    let options = ArchiveOptions { expand: true, limits };
    let origin = Arc::new(Origin::of(OriginKind::File));
    let blob = Blob { path: BlobPath::new("x"), origin };
    for form in 0..3 {
        let mut count = Count::default();
        let mut cursor = Cursor::new(bytes);
        let content = match form {
            0 => Content::Bytes(bytes),
            1 => Content::File(&mut cursor),
            _ => Content::Stream(&mut cursor),
        };
        deliver(&mut count, &blob, content, &options);
        assert!(count.blobs + count.problems > 0 || bytes.len() > 4, "nothing is silent");
        // Each level may pass the limit by one buffer, and the raw bytes may come on top.
        let most = MOST_BYTES * 2 + (bytes.len() as u64) * 20;
        assert!(count.bytes <= most, "{} bytes out", count.bytes);
    }
}
