//! Bombs: each ends at its limit, quickly, as a problem.

use std::time::{Duration, Instant};

use super::*;

/// The one problem must be `archive-limit`; returns its words.
fn limit(kept: &Kept, started: Instant) -> &str {
    assert!(started.elapsed() < Duration::from_secs(5), "took {:?}", started.elapsed());
    assert_eq!(kept.reasons(), [Reason::ArchiveLimit], "{:?}", kept.problems);
    &kept.problems[0].detail
}

#[test]
fn a_bomb_ends_at_the_ratio_after_the_first_bytes() {
    let zeros = vec![0; 30 << 20];
    for (name, bytes) in [
        ("x.zip", zip_of(&[("first", MARKER), ("zeros", &zeros)])),
        ("x.tar.gz", gz_of(&tar_of(&[("first", MARKER), ("zeros", &zeros)]))),
        ("x.tar.bz2", bz2_of(&tar_of(&[("first", MARKER), ("zeros", &zeros)]))),
        ("x.7z", sevenz_of(&[("first", MARKER), ("zeros", &zeros)])),
    ] {
        let started = Instant::now();
        let mut kept = Kept::default();
        deliver(&mut kept, &blob(name), Content::Bytes(&bytes), &ArchiveOptions::default());
        assert!(limit(&kept, started).contains("200 times"), "{name}");
        assert_eq!(kept.marked(), [format!("{name}!first")]);
        let out = kept.blobs[&format!("{name}!zeros")].1;
        assert!(out < 30 << 20, "{name} gave {out}");
    }
}

#[test]
fn small_files_may_grow_to_ten_mebibytes() {
    let kept = open("x.zip", &zip_of(&[("zeros", &vec![0; 9 << 20])]));
    assert_eq!(kept.problems, []);
}

#[test]
fn all_bytes_of_a_top_level_file_share_one_limit() {
    let inner = zip_of(&[("a", &noise(40_000)), ("b", &noise(40_000))]);
    let bytes = zip_of(&[("1.zip", &inner), ("2.zip", &inner), ("3.zip", &inner)]);
    let limits = ArchiveLimits { max_bytes: 200_000, ..ArchiveLimits::default() };
    let started = Instant::now();
    let kept = open_with("x.zip", &bytes, &limited(limits));
    assert!(limit(&kept, started).contains("200000 bytes"));
    assert!(kept.paths().contains(&"x.zip!1.zip!a") && !kept.paths().contains(&"x.zip!3.zip!a"));
}

#[test]
fn members_that_overlap_are_bounded() {
    // One member of 1 MiB, listed a thousand times.
    let bytes = zip_with(&[("a", &noise(1 << 20))], zip::CompressionMethod::Stored);
    let directory = memchr::memmem::rfind(&bytes, b"PK\x01\x02").expect("a directory");
    let end = memchr::memmem::rfind(&bytes, b"PK\x05\x06").expect("an end");
    let mut bomb = bytes[..directory].to_vec();
    let listing = bytes[directory..end].repeat(1000);
    bomb.extend_from_slice(&listing);
    let mut record = bytes[end..].to_vec();
    record[8..12].copy_from_slice(&[0xE8, 0x03, 0xE8, 0x03]);
    record[12..16].copy_from_slice(&(listing.len() as u32).to_le_bytes());
    bomb.extend(record);
    let started = Instant::now();
    let mut kept = Kept::default();
    deliver(&mut kept, &blob("x.zip"), Content::Bytes(&bomb), &ArchiveOptions::default());
    assert!(limit(&kept, started).contains("200 times"));
}

#[test]
fn too_many_members_are_a_limit_and_the_first_are_scanned() {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_path("m").expect("a name");
    header.set_size(MARKER.len() as u64);
    header.set_cksum();
    for _ in 0..100_001 {
        builder.append(&header, MARKER).expect("memory");
    }
    let bytes = builder.into_inner().expect("memory");
    let started = Instant::now();
    let mut kept = Kept::default();
    deliver(&mut kept, &blob("x.tar"), Content::Bytes(&bytes), &ArchiveOptions::default());
    assert!(limit(&kept, started).contains("100000 members"));
    assert_eq!(kept.origins.len(), 100_000);
}

#[test]
fn nesting_ends_at_its_depth_and_the_rest_is_bytes() {
    let mut bytes = zip_with(&[("a", MARKER)], zip::CompressionMethod::Stored);
    for _ in 0..7 {
        bytes = zip_with(&[("z", &bytes)], zip::CompressionMethod::Stored);
    }
    let kept = open("x", &bytes);
    assert_eq!((kept.problems.len(), kept.marked()), (0, vec!["x!z!z!z!z!z!z!z!a"]));
    let deeper = zip_with(&[("z", &bytes)], zip::CompressionMethod::Stored);
    let started = Instant::now();
    let kept = open("x", &deeper);
    assert!(limit(&kept, started).contains("8 archives deep"));
    // The innermost archive is stored, so that its bytes show the marker.
    assert_eq!(kept.marked(), ["x!z!z!z!z!z!z!z!z"]);
}

#[test]
fn ten_thousand_gzip_members_are_one_file() {
    let one = gz_of(b"line\n");
    let kept = open("x.gz", &[one.repeat(10_000), gz_of(MARKER)].concat());
    assert_eq!(kept.problems, []);
    assert_eq!(kept.blobs["x.gz!x"].1, 50_000 + MARKER.len() as u64);
}

#[test]
fn windows_beyond_the_limit_are_refused() {
    // A zstd frame head that asks for a window of 2 GiB: descriptor without flags, exponent 21.
    let zst = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 21 << 3, 1, 0, 0];
    let kept = open("x.zst", &zst);
    assert_eq!(kept.reasons(), [Reason::ArchiveLimit], "{:?}", kept.problems);
    let limits = ArchiveLimits { max_window_bytes: 64 << 10, ..ArchiveLimits::default() };
    let kept = open_with("x.xz", &xz_of(&noise(100_000)), &limited(limits));
    assert_eq!(kept.reasons(), [Reason::ArchiveLimit], "{:?}", kept.problems);
}

#[test]
fn a_huge_pax_header_is_not_held() {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::XHeader);
    header.set_path("pax").expect("a name");
    header.set_size(1 << 33);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend(vec![b'1'; 3 << 20]);
    let kept = open("x.tar", &bytes);
    assert_eq!(kept.reasons(), [Reason::ArchiveCorrupt]);
}

#[test]
fn a_stream_that_must_be_held_has_a_limit() {
    let bytes = zip_of(&[("a", &noise(100_000))]);
    let limits = ArchiveLimits { max_buffered_bytes: 50_000, ..ArchiveLimits::default() };
    let mut kept = Kept::default();
    let mut stream = &bytes[..];
    deliver(&mut kept, &blob("-"), Content::Stream(&mut stream), &limited(limits));
    assert_eq!(kept.reasons(), [Reason::ArchiveLimit]);
}

#[test]
fn time_is_a_limit() {
    let limits = ArchiveLimits { max_time: Duration::ZERO, ..ArchiveLimits::default() };
    let mut kept = Kept::default();
    let bytes = zip_of(&[("a", MARKER)]);
    deliver(&mut kept, &blob("x"), Content::Bytes(&bytes), &limited(limits));
    assert_eq!(kept.reasons(), [Reason::ArchiveLimit]);
}
