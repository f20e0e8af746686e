//! Repositories served over loopback, as servers do it: by `git daemon`, and by `git http-backend` behind a
//! web server that knows no more than CGI.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Sandbox;

/// How a repository is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    File,
    Daemon,
    Http,
}

/// What serves the folders outside of a sandbox, until it is dropped.
pub struct Served {
    /// The address of the folder; the names of repositories follow.
    pub base: String,
    daemon: Option<Child>,
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(daemon) = &mut self.daemon {
            drop(daemon.kill());
            drop(daemon.wait());
        }
    }
}

/// Serves what lies beside the sandbox's folder. Hooks over there run with this `PATH`.
pub fn serve(sandbox: &Sandbox, way: Way, path: OsString) -> Served {
    let root = sandbox.outside().to_path_buf();
    match way {
        Way::File => Served { base: format!("file://{}", root.display()), daemon: None },
        Way::Daemon => daemon(sandbox, path),
        Way::Http => {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port of loopback is free");
            let port = listener.local_addr().expect("it is bound").port();
            // One that is made here and sent to every thread: a command cannot be cloned.
            let environment: Vec<_> = sandbox
                .clean("git")
                .get_envs()
                .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
                .filter(|(name, _)| name != "PATH")
                .chain([("PATH".into(), path)])
                .collect();
            let site = Arc::new(Site { root, environment });
            // It ends with the process of the tests.
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let site = Arc::clone(&site);
                    std::thread::spawn(move || drop(site.answer(&stream)));
                }
            });
            Served { base: format!("http://127.0.0.1:{port}"), daemon: None }
        }
    }
}

fn daemon(sandbox: &Sandbox, path: OsString) -> Served {
    let folder = PathBuf::from(sandbox.git(["--exec-path"]));
    for _ in 0..20 {
        // Free now, and with luck still free in a moment.
        let free = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
        let port = free.expect("a port of loopback is free").port();
        // Not through `git`, which would wait for it and leave it behind when killed.
        let mut command = sandbox.clean(folder.join("git-daemon"));
        command.arg("--listen=127.0.0.1").arg(format!("--port={port}")).arg("--export-all");
        command.arg("--enable=receive-pack").arg("--reuseaddr");
        command.arg(format!("--base-path={}", sandbox.outside().display())).env("PATH", &path);
        let mut daemon = command.stderr(Stdio::null()).spawn().expect("git has its daemon");
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(20) {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Served { base: format!("git://127.0.0.1:{port}"), daemon: Some(daemon) };
            }
            if daemon.try_wait().expect("it can be asked").is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        drop(daemon.kill());
        drop(daemon.wait());
    }
    panic!("git daemon does not come up");
}

struct Site {
    root: PathBuf,
    environment: Vec<(OsString, OsString)>,
}

impl Site {
    /// One request a connection: RFC 9112 as far as git speaks it, RFC 3875 on the other side.
    fn answer(&self, stream: &TcpStream) -> std::io::Result<()> {
        let (mut reader, mut out) = (BufReader::new(stream), stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut words = line.split_whitespace();
        let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut command = Command::new("git");
        command.arg("http-backend").env_clear().envs(self.environment.iter().cloned());
        command.env("GIT_PROJECT_ROOT", &self.root).env("GIT_HTTP_EXPORT_ALL", "1");
        command.env("REQUEST_METHOD", method).env("PATH_INFO", path).env("QUERY_STRING", query);
        // Somebody has logged in: only then may anything be pushed.
        command.env("REMOTE_USER", "tester").env("REMOTE_ADDR", "127.0.0.1");
        let (mut length, mut chunked) = (0, false);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().unwrap_or(0),
                "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
                "content-type" => drop(command.env("CONTENT_TYPE", value)),
                "content-encoding" => drop(command.env("HTTP_CONTENT_ENCODING", value)),
                "git-protocol" => drop(command.env("GIT_PROTOCOL", value)),
                "expect" => out.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        if chunked {
            body = dechunked(&mut reader)?;
        } else {
            reader.read_exact(&mut body)?;
        }
        command.env("CONTENT_LENGTH", body.len().to_string());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut input = child.stdin.take().expect("it was piped");
        let writer = std::thread::spawn(move || drop(input.write_all(&body)));
        let output = child.wait_with_output()?;
        drop(writer.join());
        let end = memchr::memmem::find(&output.stdout, b"\r\n\r\n").unwrap_or(0);
        let head = String::from_utf8_lossy(&output.stdout[..end]).into_owned();
        let status = head.lines().find_map(|line| line.strip_prefix("Status: "));
        write!(out, "HTTP/1.1 {}\r\n", status.unwrap_or("200 OK"))?;
        for line in head.lines().filter(|line| !line.starts_with("Status: ")) {
            write!(out, "{line}\r\n")?;
        }
        let body = output.stdout.get(end + 4..).unwrap_or_default();
        write!(out, "Content-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
        out.write_all(body)
    }
}

fn dechunked(reader: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
        let start = body.len();
        body.resize(start + size, 0);
        reader.read_exact(&mut body[start..])?;
        reader.read_line(&mut String::new())?;
        if size == 0 {
            return Ok(body);
        }
    }
}
