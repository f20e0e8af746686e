//! Archives through the door that every source uses.

mod broken;
mod formats;
mod limits;

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::sync::Arc;

use leakspan::model::{
    Blob, BlobPath, Commit, Content, Origin, OriginKind, Problem, Reason, Worker,
};
use leakspan::sources::{ArchiveLimits, ArchiveOptions, deliver};

/// What the tests look for in members.
const MARKER: &[u8] = b"the marker of this test";

/// Keeps what it is given: of each blob the first 64 KiB and the length.
#[derive(Default)]
struct Kept {
    blobs: BTreeMap<String, (Vec<u8>, u64)>,
    origins: Vec<Origin>,
    problems: Vec<Problem>,
}

impl Worker for Kept {
    fn blob(&mut self, blob: &Blob, content: Content<'_>) {
        let (mut head, mut length) = (Vec::new(), 0);
        let mut buffer = [0; 8192];
        let mut keep = |bytes: &[u8]| {
            let room = (64_usize << 10).saturating_sub(head.len()).min(bytes.len());
            head.extend_from_slice(&bytes[..room]);
            length += bytes.len() as u64;
        };
        let reader: &mut dyn std::io::Read = match content {
            Content::Bytes(bytes) => &mut &*bytes,
            Content::Stream(stream) => stream,
            Content::File(file) => &mut { file },
        };
        loop {
            match reader.read(&mut buffer).expect("a member's reader ends, it does not fail") {
                0 => break,
                count => keep(&buffer[..count]),
            }
        }
        self.origins.push((*blob.origin).clone());
        self.blobs.insert(blob.path.display(), (head, length));
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn stopped(&self) -> bool {
        false
    }

    fn ignores(&self, _: &[u8]) -> bool {
        false
    }
}

impl Kept {
    /// Paths whose content holds the marker.
    fn marked(&self) -> Vec<&str> {
        let has = |content: &[u8]| content.windows(MARKER.len()).any(|part| part == MARKER);
        self.blobs
            .iter()
            .filter(|(_, (head, _))| has(head))
            .map(|(path, _)| path.as_str())
            .collect()
    }

    fn paths(&self) -> Vec<&str> {
        self.blobs.keys().map(String::as_str).collect()
    }

    fn reasons(&self) -> Vec<Reason> {
        self.problems.iter().map(|problem| problem.reason).collect()
    }
}

fn blob(name: &str) -> Blob {
    let commit = Commit {
        id: "c0ffee".into(),
        author: "A".into(),
        email: "a@example.org".into(),
        date: "2024-01-01T00:00:00Z".into(),
    };
    let origin =
        Origin { commit: Some(commit), in_head: Some(true), ..Origin::of(OriginKind::Commit) };
    Blob { path: BlobPath::new(name), origin: Arc::new(origin) }
}

/// Delivers bytes in all three forms of content, which must give the same.
fn open_with(name: &str, bytes: &[u8], options: &ArchiveOptions) -> Kept {
    let mut kept = Kept::default();
    deliver(&mut kept, &blob(name), Content::Bytes(bytes), options);
    for form in 0..2 {
        let mut again = Kept::default();
        let mut cursor = Cursor::new(bytes);
        let content =
            if form == 0 { Content::File(&mut cursor) } else { Content::Stream(&mut cursor) };
        deliver(&mut again, &blob(name), content, options);
        if kept.blobs.get(name).is_none_or(|_| kept.problems.is_empty()) || form == 0 {
            assert_eq!(kept.paths(), again.paths(), "form {form}");
        }
        assert_eq!(kept.reasons(), again.reasons(), "form {form}");
    }
    kept
}

fn open(name: &str, bytes: &[u8]) -> Kept {
    open_with(name, bytes, &ArchiveOptions::default())
}

fn limited(limits: ArchiveLimits) -> ArchiveOptions {
    ArchiveOptions { expand: true, limits }
}

fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    zip_with(members, zip::CompressionMethod::Deflated)
}

fn zip_with(members: &[(&str, &[u8])], method: zip::CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, content) in members {
        writer.start_file(*name, options).expect("a name");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

fn tar_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *content).expect("memory");
    }
    builder.into_inner().expect("memory")
}

fn gz_of(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).expect("memory");
    encoder.finish().expect("memory")
}

fn bz2_of(content: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(content).expect("memory");
    encoder.finish().expect("memory")
}

fn xz_of(content: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options).expect("options");
    writer.write_all(content).expect("memory");
    writer.finish().expect("memory")
}

fn zst_of(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}

fn sevenz_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = sevenz_rust2::ArchiveWriter::new(Cursor::new(Vec::new())).expect("memory");
    for (name, content) in members {
        let entry = sevenz_rust2::ArchiveEntry::new_file(name);
        writer.push_archive_entry(entry, Some(*content)).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..length).map(|_| next()).collect()
}
