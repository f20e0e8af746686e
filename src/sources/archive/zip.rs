//! The zip family: zip, jar, war, apk, whl, docx, xlsx, nupkg, …
//!
//! Unzippers differ in whom they believe. Those with random access follow the directory at the end,
//! those that stream follow the headers before each member. Both readings are scanned: first what the
//! directory lists, then every member between those that it does not.

use std::io::{self, BufReader, Read, SeekFrom};

use super::compressed::{ZstdFrames, xz};
use super::failure::Failure;
use super::walk::Format;
use super::walk::Walk;
use super::zip_headers::{
    Directory, Entry, Stated, find, find_directory, read_central, read_local,
};
use crate::model::{Blob, Content, ReadSeek};

pub(super) struct Zip;

impl Format for Zip {
    fn begins(&self, head: &[u8]) -> bool {
        // The second is an empty archive, the third a first part of several.
        [&b"PK\x03\x04"[..], b"PK\x05\x06", b"PK\x07\x08PK"].iter().any(|m| head.starts_with(m))
    }

    fn expand(
        &self,
        blob: &Blob,
        content: Content<'_>,
        walk: &mut Walk<'_, '_>,
    ) -> Result<(), Failure> {
        walk.seekable(content, |walk, file| {
            let length = file.seek(SeekFrom::End(0)).map_err(|error| Failure::of(&error))?;
            Opened { blob, file, length, walk, covered: Vec::new() }.read()
        })
    }
}

struct Opened<'a, 'w, 'f> {
    blob: &'a Blob,
    file: &'a mut dyn ReadSeek,
    length: u64,
    walk: &'a mut Walk<'w, 'f>,
    /// The byte ranges that were read as members.
    covered: Vec<(u64, u64)>,
}

impl Opened<'_, '_, '_> {
    fn read(mut self) -> Result<(), Failure> {
        let directory = find_directory(self.file, self.length)?;
        let listed = match &directory {
            Some(directory) => self.listed(directory),
            None => Err(Failure::corrupt("its directory is missing; it is cut short or damaged")),
        };
        self.unlisted()?;
        listed
    }

    /// Reads the members that the directory lists.
    fn listed(&mut self, directory: &Directory) -> Result<(), Failure> {
        let mut at = directory.start;
        let mut count = 0;
        while !self.walk.is_over() {
            let Some((mut entry, next)) = read_central(self.file, at)? else { break };
            at = next;
            count += 1;
            let local = self.find_data(&mut entry, directory.shift)?;
            let mut end = self.member(&entry)?;
            // The two headers disagree on how to read the data: who streams believes the other one.
            let how = |entry: &Entry| (entry.method, entry.flags & 1);
            if let Some(mut local) = local.filter(|local| how(local) != how(&entry)) {
                self.find_end(&mut local)?;
                end = end.max(self.member(&local)?);
            }
            self.covered.push((entry.local, end));
        }
        self.covered.push((directory.start, at));
        // The count is kept in 16 bits, so it is only a remainder.
        if count & 0xFFFF != u64::from(directory.count) && !self.walk.is_over() {
            return Err(Failure::corrupt("its directory lists another number of members"));
        }
        Ok(())
    }

    /// Places the data of a listed member behind its local header, and returns that header.
    fn find_data(&mut self, entry: &mut Entry, shift: u64) -> Result<Option<Entry>, Failure> {
        for local in [entry.local.checked_add(shift), Some(entry.local)].into_iter().flatten() {
            if let Some(found) = read_local(self.file, local, self.length)? {
                entry.local = local;
                entry.data = found.data;
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Reads the members that stand where the directory lists none.
    fn unlisted(&mut self) -> Result<(), Failure> {
        self.covered.sort_unstable();
        let covered = std::mem::take(&mut self.covered);
        let mut at = 0;
        for (start, end) in covered.into_iter().chain([(self.length, self.length)]) {
            while at < start && !self.walk.is_over() {
                let Some(local) = find(self.file, b"PK\x03\x04", at, start)? else { break };
                at = match read_local(self.file, local, self.length)? {
                    Some(mut entry) => {
                        self.find_end(&mut entry)?;
                        self.member(&entry)?.max(local + 4)
                    }
                    None => local + 4,
                };
            }
            at = at.max(end);
        }
        Ok(())
    }

    /// A stored member that states its length only behind its data ends where that is stated.
    fn find_end(&mut self, entry: &mut Entry) -> Result<(), Failure> {
        if let (0, None, Some(data)) = (entry.method, entry.stated, entry.data) {
            let end = find(self.file, b"PK\x07\x08", data, self.length)?.unwrap_or(self.length);
            entry.packed = end - data;
        }
        Ok(())
    }

    /// Hands a member to the walk; returns where its data ends.
    fn member(&mut self, entry: &Entry) -> Result<u64, Failure> {
        let path = self.blob.path.member(&entry.name);
        let Some(data) = entry.data else {
            self.walk.fail(&path, Failure::corrupt("its header is not where the directory says"));
            return Ok(entry.local);
        };
        let stated_end = data.saturating_add(entry.packed).min(self.length);
        if entry.name.ends_with(b"/") && entry.packed == 0 {
            self.walk.tally().add_entry();
            return Ok(stated_end);
        }
        if entry.flags & 1 != 0 {
            self.walk.fail(&path, Failure::Encrypted);
            return Ok(stated_end);
        }
        self.file.seek(SeekFrom::Start(data)).map_err(|error| Failure::of(&error))?;
        // Deflate ends by itself, whatever length is stated.
        let most = if entry.method == 8 { self.length - data } else { entry.packed };
        let capacity = entry.packed.saturating_add(64).clamp(512, 32 << 10) as usize;
        let source = BufReader::with_capacity(capacity, Read::take(Plain(self.file), most));
        let window = self.walk.tally().limits().max_window_bytes;
        let name = &entry.name;
        let mut take = |reader: &mut dyn Read| {
            let mut checked = Checked::new(reader, entry.stated);
            self.walk.member(self.blob, name, &mut checked);
        };
        match entry.method {
            0 => take(&mut { source }),
            8 => {
                let mut inflater = flate2::bufread::DeflateDecoder::new(source);
                take(&mut inflater);
                return Ok(data + inflater.total_in());
            }
            12 => take(&mut bzip2::bufread::BzDecoder::new(source)),
            14 => match Walk::guard(|| lzma(source, window)) {
                Ok(mut reader) => take(&mut reader),
                Err(failure) => self.walk.fail(&path, failure),
            },
            93 => take(&mut ZstdFrames::new(source, window)),
            95 => take(&mut xz(source, window)),
            method => {
                let what = format!("compression method {method} is not built in");
                self.walk.fail(&path, Failure::Limit(what));
            }
        }
        Ok(stated_end)
    }
}

/// LZMA in a zip has a short head of its own; the decoder wants that of an .lzma file.
fn lzma<R: Read>(mut source: R, max_window_bytes: u64) -> Result<impl Read, Failure> {
    let mut short = [0; 9];
    source.read_exact(&mut short).map_err(|error| Failure::of(&error))?;
    // The length is unknown: the stream has an end marker, or ends with the member.
    let mut head = [0xFF; 13];
    head[..5].copy_from_slice(&short[4..]);
    let memory = u32::try_from((max_window_bytes >> 10) + 1024).unwrap_or(u32::MAX);
    let chained = io::Cursor::new(head).chain(source);
    lzma_rust2::LzmaReader::new_mem_limit(chained, memory, None)
        .map_err(|error| Failure::of(&error))
}

/// Holds what comes out of a member against what its header states.
struct Checked<'r> {
    inner: &'r mut dyn Read,
    stated: Option<Stated>,
    sum: crc32fast::Hasher,
    count: u64,
}

impl<'r> Checked<'r> {
    fn new(inner: &'r mut dyn Read, stated: Option<Stated>) -> Self {
        Self { inner, stated, sum: crc32fast::Hasher::new(), count: 0 }
    }
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.sum.update(&buffer[..count]);
        self.count += count as u64;
        if let (0, Some(stated)) = (count, self.stated.filter(|_| !buffer.is_empty())) {
            let wrong = if self.count != stated.size {
                format!("it states {} bytes and holds {}", stated.size, self.count)
            } else if self.sum.clone().finalize() != stated.crc {
                "its checksum does not match".to_owned()
            } else {
                return Ok(0);
            };
            return Err(io::Error::new(io::ErrorKind::InvalidData, wrong));
        }
        Ok(count)
    }
}

/// A sized reader over one that is not.
struct Plain<'r>(&'r mut dyn ReadSeek);

impl Read for Plain<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}
