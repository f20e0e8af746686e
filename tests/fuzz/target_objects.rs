//! Objects: blobs, trees, commits, tags and references of any bytes are read, or told as a problem.

use std::io::Write;
use std::path::Path;

use sha1::{Digest, Sha1};

use super::input::Input;
use super::store;

/// Objects one behind the other: a byte for the kind, one for the length, then the bytes, in which
/// `\x01n` stands for the raw id of the `n`th object, and `\x02n` for its hex.
pub(crate) fn run(bytes: &[u8]) {
    let folder = store::repository();
    let git = folder.path().join(".git");
    let mut input = Input::new(bytes);
    let mut ids: Vec<[u8; 20]> = Vec::new();
    while !input.is_empty() && ids.len() < 60 {
        let kind = input.byte();
        let body = joined(input.bytes(), &ids);
        match kind % 6 {
            4 => write(&git.join("packed-refs"), &body),
            5 => write(&git.join("refs/heads/main"), &body),
            kind => {
                let kind = ["blob", "tree", "commit", "tag"][usize::from(kind)];
                let whole = [format!("{kind} {}\0", body.len()).as_bytes(), &body].concat();
                let id: [u8; 20] = Sha1::digest(&whole).into();
                let hex = hex(&id);
                let place = git.join("objects").join(&hex[..2]);
                std::fs::create_dir_all(&place).expect("a folder can be made");
                let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), Default::default());
                packed.write_all(&whole).expect("memory takes all");
                write(&place.join(&hex[2..]), &packed.finish().expect("memory takes all"));
                ids.push(id);
            }
        }
    }
    store::visited(folder.path());
}

fn joined(body: &[u8], ids: &[[u8; 20]]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = body.iter();
    while let Some(byte) = rest.next() {
        let id = match byte {
            1 | 2 => rest.next().and_then(|number| ids.get(usize::from(*number))),
            _ => None,
        };
        match (byte, id) {
            (1, Some(id)) => out.extend_from_slice(id),
            (2, Some(id)) => out.extend_from_slice(hex(id).as_bytes()),
            _ => out.push(*byte),
        }
    }
    out
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).expect("a file can be written");
}
