//! Damage and lies: named problems, and what could be read stays read.

use super::*;

/// Members before a cut stay; the cut is never silent.
fn cut_everywhere(name: &str, bytes: &[u8]) {
    for part in 1..20 {
        let cut = &bytes[..bytes.len() * part / 20];
        let kept = open(name, cut);
        assert!(
            kept.reasons().contains(&Reason::ArchiveCorrupt),
            "{name} cut at {part}/20 gives {:?}, {:?}",
            kept.problems,
            kept.paths(),
        );
    }
}

#[test]
fn a_cut_archive_is_a_problem_wherever_it_is_cut() {
    let noise = noise(20_000);
    let with_marker = [MARKER, &noise].concat();
    let members: &[(&str, &[u8])] = &[("a", MARKER), ("b", &noise), ("c", &with_marker)];
    cut_everywhere("x.zip", &zip_of(members));
    cut_everywhere("x.tar.gz", &gz_of(&tar_of(members)));
    cut_everywhere("x.bz2", &bz2_of(&with_marker));
    cut_everywhere("x.xz", &xz_of(&with_marker));
    cut_everywhere("x.zst", &zst_of(&with_marker));
    cut_everywhere("x.7z", &sevenz_of(members));
    // A tape has no end that must be there: cut between two members it is whole.
    cut_everywhere("x.tar", &tar_of(&[("a", &with_marker)])[..20_000]);
}

#[test]
fn members_before_the_cut_are_scanned() {
    let noise = noise(20_000);
    let members: &[(&str, &[u8])] = &[("a", MARKER), ("b", &noise)];
    for (name, bytes) in [("x.zip", zip_of(members)), ("x.tar.gz", gz_of(&tar_of(members)))] {
        let kept = open(name, &bytes[..bytes.len() / 2]);
        assert_eq!(kept.marked(), [format!("{name}!a")]);
        assert!(kept.reasons().contains(&Reason::ArchiveCorrupt));
    }
}

#[test]
fn a_text_that_begins_like_an_archive_is_scanned_all_the_same() {
    for mark in [&b"PK\x03\x04"[..], b"\x1F\x8B\x08", b"7z\xBC\xAF\x27\x1C"] {
        let bytes = [mark, b" and then text: ", MARKER].concat();
        let mut kept = Kept::default();
        deliver(&mut kept, &blob("x"), Content::Bytes(&bytes), &ArchiveOptions::default());
        assert!(kept.marked().contains(&"x"), "{mark:?}: {:?} {:?}", kept.paths(), kept.problems);
        assert_eq!(kept.reasons(), [Reason::ArchiveCorrupt]);
    }
}

#[test]
fn both_readings_of_an_ambiguous_zip_are_scanned() {
    // A streaming unzipper sees `hidden`, one that follows the directory sees `listed`.
    let hidden = zip_of(&[("hidden", MARKER)]);
    let directory = memchr::memmem::find(&hidden, b"PK\x01\x02").expect("a directory");
    let listed = zip_of(&[("listed", MARKER)]);
    let before = [&hidden[..directory], &listed].concat();
    assert_eq!(open("x.zip", &before).marked(), ["x.zip!hidden", "x.zip!listed"]);
    let behind = [&listed[..], &hidden].concat();
    assert_eq!(open("x.zip", &behind).marked(), ["x.zip!hidden", "x.zip!listed"]);
    let trailing = [&listed[..], b"more bytes"].concat();
    assert_eq!(open("x.zip", &trailing).marked(), ["x.zip!listed"]);
}

#[test]
fn headers_that_disagree_on_the_method_are_both_believed() {
    let mut bytes = zip_of(&[("a", &[MARKER, &b" ".repeat(200)].concat())]);
    // The directory says stored, so that who follows it sees compressed bytes.
    let at = memchr::memmem::rfind(&bytes, b"PK\x01\x02").expect("a header");
    bytes[at + 10] = 0;
    let kept = open("x.zip", &bytes);
    assert_eq!(kept.marked(), ["x.zip!a"]);
    assert_eq!(kept.reasons(), [Reason::ArchiveCorrupt]);
}

#[test]
fn encrypted_members_are_named_and_the_others_scanned() {
    let mut bytes = zip_of(&[("open", MARKER), ("locked", b"something that is locked")]);
    let flags = [(&b"PK\x03\x04"[..], 6), (b"PK\x01\x02", 8)];
    for (mark, field) in flags {
        let at = memchr::memmem::rfind(&bytes, mark).expect("a header");
        bytes[at + field] |= 1;
    }
    let kept = open("x.zip", &bytes);
    assert_eq!(kept.marked(), ["x.zip!open"]);
    assert_eq!(kept.reasons(), [Reason::EncryptedArchive]);
    assert_eq!(kept.problems[0].path.display(), "x.zip!locked");
}

#[test]
fn a_member_that_lies_about_its_size_is_scanned_whole_and_named() {
    let content = [&b"x".repeat(3000)[..], MARKER].concat();
    for lie in [0_u32, 5, u32::MAX - 1] {
        let mut bytes = zip_of(&[("a", &content)]);
        for (mark, field) in [(&b"PK\x03\x04"[..], 22), (b"PK\x01\x02", 24)] {
            let at = memchr::memmem::rfind(&bytes, mark).expect("a header") + field;
            bytes[at..at + 4].copy_from_slice(&lie.to_le_bytes());
        }
        let kept = open("x.zip", &bytes);
        assert_eq!(kept.marked(), ["x.zip!a"], "{lie}");
        assert_eq!(kept.reasons(), [Reason::ArchiveCorrupt], "{lie}");
        assert_eq!(kept.problems[0].path.display(), "x.zip!a");
    }
}

#[test]
fn a_changed_byte_is_noticed() {
    let content = [MARKER, &noise(3000)].concat();
    for (name, bytes) in [
        ("x.zip", zip_with(&[("a", &content)], zip::CompressionMethod::Stored)),
        ("x.gz", gz_of(&content)),
        ("x.bz2", bz2_of(&content)),
        ("x.xz", xz_of(&content)),
        ("x.7z", sevenz_of(&[("a", &content)])),
    ] {
        let mut bytes = bytes;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x55;
        assert!(open(name, &bytes).reasons().contains(&Reason::ArchiveCorrupt), "{name}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn mutated_archives_never_panic(
        kind in 0_usize..8,
        changes in proptest::collection::vec((0_usize..4000, proptest::prelude::any::<u8>()), 0..12),
        cut in 0_usize..4000,
    ) {
        let noise = noise(300);
        let members: &[(&str, &[u8])] = &[("a", MARKER), ("b/c", &noise), ("d", &[b'x'; 900])];
        let mut bytes = match kind {
            0 => zip_of(members),
            1 => zip_with(members, zip::CompressionMethod::Stored),
            2 => tar_of(members),
            3 => gz_of(&tar_of(members)),
            4 => bz2_of(&tar_of(members)),
            5 => xz_of(&zip_of(members)),
            6 => zst_of(&tar_of(members)),
            _ => sevenz_of(members),
        };
        for (at, byte) in changes {
            let length = bytes.len();
            bytes[at % length] = byte;
        }
        bytes.truncate(bytes.len().max(cut).min(cut + 600));
        let limits = ArchiveLimits { max_bytes: 1 << 20, max_entries: 100, ..ArchiveLimits::default() };
        let mut kept = Kept::default();
        deliver(&mut kept, &blob("x"), Content::Bytes(&bytes), &limited(limits));
        assert!(!kept.blobs.is_empty() || !kept.problems.is_empty());
    }
}
