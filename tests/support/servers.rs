//! Servers of databases and brokers on loopback, from Debian's packages, with all they write in a folder of
//! their own. `tests/run` installs the packages.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest that a server takes to come up on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Who the servers run as where the tests run as root: some refuse to be root.
const NOBODY: u32 = 65_534;

/// A folder and the servers that live in it; both are gone when it is dropped.
pub struct Servers {
    folder: tempfile::TempDir,
    running: Vec<Child>,
}

impl Default for Servers {
    fn default() -> Self {
        Self::new()
    }
}

impl Servers {
    /// An empty folder.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        give(folder.path());
        Self { folder, running: Vec::new() }
    }

    /// Where a file of the folder is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Its path as text.
    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().expect("temporary folders are named in ASCII").to_owned()
    }

    /// Writes a file that the servers can read.
    pub fn write(&self, name: &str, content: &str) -> String {
        std::fs::write(self.path(name), content).expect("the file can be written");
        give(&self.path(name));
        self.text(name)
    }

    /// Makes a folder that the servers can write to.
    pub fn folder(&self, name: &str) -> String {
        std::fs::create_dir_all(self.path(name)).expect("the folder can be made");
        give(&self.path(name));
        self.text(name)
    }

    /// What a server has written.
    pub fn read(&self, name: &str) -> String {
        let bytes = std::fs::read(self.path(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What a server has written, once that holds a word: logs come late.
    pub fn read_until(&self, name: &str, word: &str) -> String {
        let began = Instant::now();
        loop {
            let text = self.read(name);
            if text.contains(word) || began.elapsed() > Duration::from_secs(10) {
                return text;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A certificate for 127.0.0.1 in `cert.pem`, its key in `key.pem`.
    pub fn certificate(&self) {
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        let names = ["-addext", "subjectAltName=IP:127.0.0.1", "-subj", "/CN=loopback"];
        let rest = ["-addext", "basicConstraints=critical,CA:FALSE", "-days", "2"];
        let files =
            ["-keyout", &self.text("key.pem"), "-out", &self.text("cert.pem")].map(String::from);
        let mut command = Command::new("openssl");
        command.args(["req", "-x509"]).args(key).args(names).args(rest).args(files);
        finish(&mut command);
        give(&self.path("key.pem"));
        give(&self.path("cert.pem"));
    }

    /// A program to its end.
    pub fn once(&self, program: &str, arguments: &[&str]) {
        finish(self.command(program).args(arguments));
    }

    /// Starts a server that writes to the file `log`, and waits until its port is open.
    pub fn start(
        &mut self,
        program: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
        log: &str,
        port: u16,
    ) {
        let file = std::fs::File::create(self.path(log)).expect("the log can be made");
        let mut command = self.command(program);
        command.args(arguments).envs(variables.iter().copied()).stdin(Stdio::null());
        command.stdout(file.try_clone().expect("a handle can be shared")).stderr(file);
        self.running.push(command.spawn().unwrap_or_else(|error| panic!("{program}: {error}")));
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = self.running.last_mut().and_then(|it| it.try_wait().ok().flatten());
            if ended.is_some() || began.elapsed() > PATIENCE {
                panic!("{program} does not come up ({ended:?}):\n{}", self.read(log));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A program in the folder with an environment of its own, as somebody who may do nothing.
    fn command(&self, program: &str) -> Command {
        let program = found(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args([format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")]);
            command.args(["--clear-groups", "--pdeathsig", "KILL", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path()).env_clear();
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("HOME", self.folder.path());
        command.env("LC_ALL", "C.UTF-8").env("TMPDIR", self.folder.path());
        command
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for server in &mut self.running {
            if let Some(id) = rustix::process::Pid::from_raw(server.id().cast_signed()) {
                let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
            }
        }
        let began = Instant::now();
        for server in &mut self.running {
            while server.try_wait().is_ok_and(|ended| ended.is_none()) {
                if began.elapsed() > Duration::from_secs(5) {
                    drop(server.kill());
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

/// A port of loopback that is free now, and with luck still is in a moment.
pub fn free_port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr());
    free.expect("a port of loopback is free").port()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Gives a file or folder to whom the servers run as.
fn give(path: &Path) {
    if is_root() {
        let given = std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY));
        given.expect("root may give files away");
    }
}

/// Where a program is: Debian keeps some off the path.
fn found(program: &str) -> PathBuf {
    let mut folders =
        vec![PathBuf::from("/usr/sbin"), "/usr/bin".into(), "/usr/lib/rabbitmq/bin".into()];
    if matches!(program, "postgres" | "initdb") {
        let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
        folders = versions.map(|version| version.path().join("bin")).collect();
        folders.sort();
    }
    let mut paths = folders.iter().rev().map(|folder| folder.join(program));
    paths.find(|path| path.exists()).unwrap_or_else(|| {
        panic!("there is no {program}: run the tests by tests/run, which installs what they need")
    })
}

fn finish(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
