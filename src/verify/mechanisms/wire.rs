//! A connection with bounds, which may become TLS on its way.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use zeroize::Zeroize;

use crate::net::{Failure, LIMIT, Tls};

/// A connection of any kind.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Stream for T {}

/// The longest line that is read.
const LONGEST_LINE: usize = 16 * 1024;

/// A connection: what is read of it is bounded, all of it together.
pub(super) struct Wire {
    /// `None` after TLS has failed.
    stream: Option<Box<dyn Stream>>,
    /// What was read and not yet taken.
    ahead: Vec<u8>,
    /// Bytes that may still be read.
    left: usize,
    tls: Tls,
    host: String,
    secure: bool,
    /// Whether the way there is the user's own: a house network, an endpoint that the user typed.
    own: bool,
}

impl Wire {
    pub(super) fn new(stream: Box<dyn Stream>, tls: Tls, host: &str, own: bool) -> Self {
        let host = host.to_owned();
        Self { stream: Some(stream), ahead: Vec::new(), left: LIMIT, tls, host, secure: false, own }
    }

    /// Whether TLS is on.
    pub(super) fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether a password may be sent as it is.
    pub(super) fn may_reveal(&self) -> bool {
        self.secure || self.own
    }

    /// Sends bytes, all of them.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let stream = self.stream.as_mut().ok_or(Failure::Connection)?;
        stream.write_all(bytes).await.map_err(|_| Failure::Connection)?;
        stream.flush().await.map_err(|_| Failure::Connection)
    }

    /// The next bytes, exactly so many.
    pub(super) async fn take(&mut self, count: usize) -> Result<Vec<u8>, Failure> {
        if count > self.ahead.len() + self.left {
            return Err(Failure::Garbled);
        }
        while self.ahead.len() < count {
            self.fill().await?;
        }
        Ok(self.ahead.drain(..count).collect())
    }

    /// The next bytes, so many as the size of the array.
    pub(super) async fn array<const N: usize>(&mut self) -> Result<[u8; N], Failure> {
        self.take(N).await?.try_into().map_err(|_| Failure::Garbled)
    }

    /// The next line without its end.
    pub(super) async fn line(&mut self) -> Result<String, Failure> {
        let mut looked = 0;
        let end = loop {
            if let Some(at) = memchr::memchr(b'\n', &self.ahead[looked..]) {
                break looked + at;
            }
            looked = self.ahead.len();
            if looked > LONGEST_LINE {
                return Err(Failure::Garbled);
            }
            self.fill().await?;
        };
        let mut line: Vec<u8> = self.ahead.drain(..=end).collect();
        line.truncate(line.trim_ascii_end().len());
        String::from_utf8(line).map_err(|_| Failure::Garbled)
    }

    /// Goes on in TLS. Whatever was sent ahead of it is not to be believed: it was said in clear.
    pub(super) async fn secure(&mut self) -> Result<(), Failure> {
        if !self.ahead.is_empty() {
            return Err(Failure::Garbled);
        }
        let stream = self.stream.take().ok_or(Failure::Connection)?;
        self.stream = Some(Box::new(self.tls.wrap(stream, &self.host).await?));
        self.secure = true;
        Ok(())
    }

    /// Says goodbye and closes; whether that arrives does not matter.
    pub(super) async fn close(&mut self, goodbye: &[u8]) {
        if self.send(goodbye).await.is_ok()
            && let Some(mut stream) = self.stream.take()
        {
            drop(stream.shutdown().await);
        }
    }

    async fn fill(&mut self) -> Result<(), Failure> {
        let stream = self.stream.as_mut().ok_or(Failure::Connection)?;
        let mut chunk = [0; 4096];
        let room = chunk.len().min(self.left);
        if room == 0 {
            return Err(Failure::Garbled);
        }
        let read = stream.read(&mut chunk[..room]).await.map_err(|_| Failure::Connection)?;
        if read == 0 {
            return Err(Failure::Connection);
        }
        self.left -= read;
        self.ahead.extend_from_slice(&chunk[..read]);
        Ok(())
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        // A server may say back what it was told.
        self.ahead.zeroize();
    }
}
