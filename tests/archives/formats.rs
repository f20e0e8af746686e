//! Every format gives its members, with their names and origin.

use super::*;

const PLAIN: &[u8] = b"first line\npassword = the marker of this test\n";

#[test]
fn members_of_every_format_are_found_under_their_names() {
    let members: &[(&str, &[u8])] = &[("a/b.txt", PLAIN), ("c", b"nothing"), ("empty", b"")];
    for (name, bytes) in [
        ("x.zip", zip_of(members)),
        ("x.jar", zip_with(members, zip::CompressionMethod::Stored)),
        ("x.whl", zip_with(members, zip::CompressionMethod::Bzip2)),
        ("x.tar", tar_of(members)),
        ("x.tar.gz", gz_of(&tar_of(members))),
        ("x.tbz2", bz2_of(&tar_of(members))),
        ("x.tar.xz", xz_of(&tar_of(members))),
        ("x.tar.zst", zst_of(&tar_of(members))),
        ("x.7z", sevenz_of(members)),
        ("no-extension", zip_of(members)),
    ] {
        let kept = open(name, &bytes);
        assert_eq!(kept.problems, [], "{name}");
        assert_eq!(kept.marked(), [format!("{name}!a/b.txt")]);
        assert_eq!(kept.paths().len(), 3, "{name}");
    }
}

#[test]
fn compressed_files_hold_one_member_named_like_them() {
    for (name, bytes, member) in [
        ("dir/app.log.gz", gz_of(PLAIN), "dir/app.log.gz!app.log"),
        ("app.bz2", bz2_of(PLAIN), "app.bz2!app"),
        ("app.xz", xz_of(PLAIN), "app.xz!app"),
        ("app.zst", zst_of(PLAIN), "app.zst!app"),
        ("unnamed", gz_of(PLAIN), "unnamed!unnamed"),
        ("two.gz", [gz_of(b"first"), gz_of(PLAIN), vec![0; 700]].concat(), "two.gz!two"),
        ("two.zst", [zst_of(b"first"), zst_of(PLAIN)].concat(), "two.zst!two"),
        ("two.xz", [xz_of(b"first"), xz_of(PLAIN)].concat(), "two.xz!two"),
        ("two.bz2", [bz2_of(b"first"), bz2_of(PLAIN)].concat(), "two.bz2!two"),
    ] {
        let kept = open(name, &bytes);
        assert_eq!(kept.problems, [], "{name}");
        assert_eq!(kept.marked(), [member]);
    }
}

#[test]
fn archives_in_archives_are_opened_with_their_commit() {
    let inner = zip_of(&[("deep/config.env", PLAIN)]);
    let bytes = gz_of(&tar_of(&[("lib/inner.zip", &inner), ("readme", b"text")]));
    let kept = open("outer.tar.gz", &bytes);
    assert_eq!(kept.problems, []);
    assert_eq!(kept.marked(), ["outer.tar.gz!lib/inner.zip!deep/config.env"]);
    for origin in kept.origins {
        assert_eq!(origin.kind, OriginKind::Archive);
        assert_eq!(origin.commit.expect("kept").id, "c0ffee");
    }
}

#[test]
fn debian_packages_are_opened() {
    let data = xz_of(&tar_of(&[("./etc/app.conf", PLAIN)]));
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, content) in [("debian-binary", &b"2.0\n"[..]), ("data.tar.xz", &data)] {
        bytes.extend(
            format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 644, content.len())
                .bytes(),
        );
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(2), b'\n');
    }
    let kept = open("a.deb", &bytes);
    assert_eq!(kept.problems, []);
    assert_eq!(kept.marked(), ["a.deb!data.tar.xz!etc/app.conf"]);
}

#[test]
fn what_is_no_archive_goes_through_as_it_came() {
    for bytes in [&b""[..], b"P", b"plain text", &noise(5000)] {
        let kept = open("file.zip", bytes);
        assert_eq!(kept.problems, []);
        assert_eq!(kept.paths(), ["file.zip"]);
        assert_eq!(kept.blobs["file.zip"].1, bytes.len() as u64);
        assert_eq!(kept.origins[0].kind, OriginKind::Commit);
    }
}

#[test]
fn without_archives_an_archive_is_bytes_and_no_problem() {
    let bytes = zip_of(&[("a", PLAIN)]);
    let options = ArchiveOptions { expand: false, ..ArchiveOptions::default() };
    let kept = open_with("x.zip", &bytes, &options);
    assert_eq!((kept.paths(), kept.reasons()), (vec!["x.zip"], vec![]));
    assert_eq!(kept.blobs["x.zip"].1, bytes.len() as u64);
}

#[test]
fn a_program_with_an_archive_behind_it_is_both() {
    let script = b"#!/bin/sh\n# the marker of this test\nexec java -jar $0\n";
    let mut bytes = script.to_vec();
    bytes.extend(zip_of(&[("a", PLAIN)]));
    let mut kept = Kept::default();
    deliver(&mut kept, &blob("run.jar"), Content::Bytes(&bytes), &ArchiveOptions::default());
    assert_eq!(kept.problems, []);
    assert_eq!(kept.marked(), ["run.jar", "run.jar!a"]);
}

#[test]
fn long_names_and_links_of_tar_are_understood() {
    let long = format!("{}/file.txt", "d".repeat(200));
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(PLAIN.len() as u64);
    builder.append_data(&mut header, &long, PLAIN).expect("memory");
    builder.append_pax_extensions([("path", &b"from/pax"[..])]).expect("memory");
    header.set_path("short").expect("a name");
    header.set_cksum();
    builder.append(&header, PLAIN).expect("memory");
    for (kind, name) in [
        (tar::EntryType::Link, "hard"),
        (tar::EntryType::Symlink, "soft"),
        (tar::EntryType::Directory, "dir"),
        (tar::EntryType::Char, "device"),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_path(name).expect("a name");
        header.set_link_name("/etc/shadow").expect("a name");
        header.set_size(0);
        header.set_cksum();
        builder.append(&header, &b""[..]).expect("memory");
    }
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..9].copy_from_slice(b"../../etc");
    header.set_size(PLAIN.len() as u64);
    header.set_cksum();
    builder.append(&header, PLAIN).expect("memory");
    let kept = open("x.tar", &builder.into_inner().expect("memory"));
    let long = format!("x.tar!{long}");
    assert_eq!(kept.marked(), ["x.tar!../../etc", &long, "x.tar!from/pax"]);
    assert_eq!(kept.paths().len(), 3);
    assert_eq!(kept.reasons(), [Reason::SpecialFile]);
}

#[test]
fn a_sparse_file_costs_what_is_stored_of_it() {
    let mut header = tar::Header::new_gnu();
    header.set_path("sparse").expect("a name");
    header.set_entry_type(tar::EntryType::GNUSparse);
    header.set_size(PLAIN.len() as u64);
    let gnu = header.as_gnu_mut().expect("gnu");
    gnu.set_real_size(1 << 50);
    gnu.sparse[0].set_offset((1 << 50) - PLAIN.len() as u64);
    gnu.sparse[0].set_length(PLAIN.len() as u64);
    header.set_cksum();
    let mut builder = tar::Builder::new(Vec::new());
    builder.append(&header, PLAIN).expect("memory");
    let kept = open("x.tar", &builder.into_inner().expect("memory"));
    assert_eq!(kept.problems, []);
    assert_eq!(kept.marked(), ["x.tar!sparse"]);
}
