//! Reftables: a table of any bytes is read, or told as a problem.

use std::io::Write;

use super::input::Input;
use super::store;

/// A table as it is where the first byte is even; else the records of a block of references and of a block of
/// the log, which get their lengths, their checksum and a right end.
pub(crate) fn run(bytes: &[u8]) {
    let Some((how, rest)) = bytes.split_first() else { return };
    let folder = store::repository();
    let git = folder.path().join(".git");
    let config = "[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefstorage = reftable\n";
    std::fs::write(git.join("config"), config).expect("a file can be written");
    std::fs::create_dir_all(git.join("reftable")).expect("a folder can be made");
    std::fs::write(git.join("reftable/tables.list"), "one.ref\n").expect("a file can be written");
    let table = if how % 2 == 0 { rest.to_vec() } else { table(rest) };
    std::fs::write(git.join("reftable/one.ref"), table).expect("a file can be written");
    store::visited(folder.path());
}

fn table(bytes: &[u8]) -> Vec<u8> {
    let mut input = Input::new(bytes);
    let (references, log) = (input.bytes(), input.bytes());
    let header = [&b"REFT\x01\0\0\0"[..], &[0; 7], &[1], &[0; 7], &[9]].concat();
    let length = |length: usize| (length as u32).to_be_bytes()[1..].to_vec();
    // One restart, at the first record.
    let restarts = |at: usize| [length(at), vec![0, 1]].concat();
    let mut table = header.clone();
    let size = header.len() + 4 + references.len() + 5;
    table.push(b'r');
    table.extend(length(size));
    table.extend_from_slice(references);
    table.extend(restarts(header.len() + 4));
    let position = table.len() as u64;
    table.push(b'g');
    table.extend(length(4 + log.len() + 5));
    let mut packed = flate2::write::ZlibEncoder::new(table, Default::default());
    packed.write_all(&[log, &restarts(4)].concat()).expect("memory takes all");
    let mut table = packed.finish().expect("memory takes all");
    table.extend(header);
    table.extend([0; 24]);
    table.extend(position.to_be_bytes());
    table.extend([0; 12]);
    table
}
