//! A provider for tests: HTTP on loopback, one thread a connection, every request kept.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as it came in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// All of it as text, what is in a basic authorization included.
    pub(crate) fn text(&self) -> String {
        use base64::Engine as _;
        let mut text = format!("{}\n", self.target);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\n"));
            let basic = value.strip_prefix("Basic ");
            let decoded = basic.and_then(|it| base64::prelude::BASE64_STANDARD.decode(it).ok());
            text.push_str(&String::from_utf8_lossy(&decoded.unwrap_or_default()));
            text.push('\n');
        }
        text + &String::from_utf8_lossy(&self.body)
    }
}

/// What comes back.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Status, headers, body.
    Reply(u16, Vec<(String, String)>, Vec<u8>),
    /// These bytes, then the end of the connection.
    Raw(Vec<u8>),
    /// Nothing, for so long.
    Silence(Duration),
    /// A header, then a byte of the body each so long, until the other side goes.
    Drip(Duration),
}

impl Answer {
    pub(crate) fn json(status: u16, body: &str) -> Self {
        let kind = ("content-type".to_owned(), "application/json".to_owned());
        Self::Reply(status, vec![kind], body.as_bytes().to_vec())
    }

    pub(crate) fn html(status: u16, body: &str) -> Self {
        let kind = ("content-type".to_owned(), "text/html; charset=utf-8".to_owned());
        Self::Reply(status, vec![kind], body.as_bytes().to_vec())
    }
}

/// A server that answers until it is dropped with the process.
pub(crate) struct Stub {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    connections: Arc<AtomicU64>,
}

impl Stub {
    /// Starts on a free port of loopback.
    pub(crate) fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicU64::new(0));
        let answer = Arc::new(answer);
        let (kept, counted) = (Arc::clone(&asked), Arc::clone(&connections));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &kept, &*answer));
            }
        });
        Self { address, asked, connections }
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// What was asked until now.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Connections that were opened, whether anything was asked or not.
    pub(crate) fn connections(&self) -> u64 {
        self.connections.load(Ordering::SeqCst)
    }
}

fn serve(
    stream: TcpStream,
    kept: &Mutex<Vec<Asked>>,
    answer: &(dyn Fn(&Asked) -> Answer + Send + Sync),
) {
    let Ok(mut out) = stream.try_clone() else { return };
    let mut reader = BufReader::new(stream);
    while let Some(asked) = read(&mut reader) {
        let head = asked.method == "HEAD";
        kept.lock().unwrap().push(asked.clone());
        let written = match answer(&asked) {
            Answer::Reply(status, headers, body) => {
                let mut text =
                    format!("HTTP/1.1 {status} Stub\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    text.push_str(&format!("{name}: {value}\r\n"));
                }
                text.push_str("\r\n");
                let body = if head { &[][..] } else { &body };
                out.write_all(text.as_bytes()).and_then(|()| out.write_all(body))
            }
            Answer::Raw(bytes) => {
                drop(out.write_all(&bytes));
                return;
            }
            Answer::Silence(time) => {
                std::thread::sleep(time);
                return;
            }
            Answer::Drip(pause) => {
                let mut sent = out.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
                while sent.is_ok() {
                    std::thread::sleep(pause);
                    sent = out.write_all(b" ");
                }
                return;
            }
        };
        if written.is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_ascii_whitespace();
    let mut asked = Asked {
        method: words.next()?.to_owned(),
        target: words.next()?.to_owned(),
        ..Asked::default()
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        asked.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length: u64 = asked.header("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
    reader.take(length).read_to_end(&mut asked.body).ok()?;
    Some(asked)
}
