//! AWS by a server that checks signatures: moto, which stands in for it on loopback.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::Sandbox;

/// The server, until it is dropped. It checks signatures from the fourth request on.
struct Moto(Child, u16);

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Moto {
    fn start(sandbox: &Sandbox) -> Self {
        // tests/run puts it there.
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/moto/bin/moto_server");
        assert!(program.exists(), "{} is missing: run tests/run", program.display());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = sandbox.clean(program);
        command
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env("INITIAL_NO_AUTH_ACTION_COUNT", "3");
        let log = std::fs::File::create(sandbox.outside().join("moto.log")).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let moto = Self(command.spawn().unwrap(), port);
        let until = Instant::now() + Duration::from_secs(90);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "moto does not listen");
            std::thread::sleep(Duration::from_millis(100));
        }
        moto
    }

    /// Asks the account's administration, unsigned.
    fn iam(&self, form: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.1)).unwrap();
        let scope =
            "Credential=x/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=x";
        let request = format!(
            "POST / HTTP/1.0\r\nhost: iam.amazonaws.com\r\nauthorization: AWS4-HMAC-SHA256 {scope}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len(),
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.contains(" 200 "), "{reply}");
        reply
    }
}

/// The text of an element.
fn element(xml: &str, name: &str) -> String {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap();
    rest.split('<').next().unwrap().to_owned()
}

#[test]
fn keys_of_aws_are_told_by_a_server_that_checks_signatures() {
    let sandbox = Sandbox::new();
    let moto = Moto::start(&sandbox);
    moto.iam("Action=CreateUser&UserName=ci&Version=2010-05-08");
    let made = moto.iam("Action=CreateAccessKey&UserName=ci&Version=2010-05-08");
    let policy = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22*%22%2C%22Resource%22%3A%22*%22%7D%5D%7D";
    moto.iam(&format!(
        "Action=PutUserPolicy&UserName=ci&PolicyName=p&PolicyDocument={policy}&Version=2010-05-08"
    ));
    let (key, secret) = (element(&made, "AccessKeyId"), element(&made, "SecretAccessKey"));
    // The last character of a key id is one of its account: another one there is a key that nobody has.
    let unknown = format!("{}{}", &key[..19], if key.ends_with('A') { 'B' } else { 'A' });
    let wrong: String = secret.chars().rev().collect();
    let endpoint = format!("aws=http://127.0.0.1:{}", moto.1);
    let verdict = |key: &str, secret: &str| -> Value {
        sandbox
            .write("a.env", format!("AWS_ACCESS_KEY_ID={key}\nAWS_SECRET_ACCESS_KEY={secret}\n"));
        let arguments = [
            "scan",
            "-f",
            "jsonl",
            "--min-confidence",
            "low",
            "--verify",
            "--endpoint",
            &endpoint,
            "a.env",
        ];
        let findings = sandbox.leakspan(arguments).findings();
        let finding = findings.iter().find(|it| it["signature"] == "aws-secret-access-key");
        finding.unwrap_or_else(|| panic!("{findings:?}"))["verdict"].clone()
    };
    let live = verdict(&key, &secret);
    assert_eq!(live["status"], "live", "{live}");
    assert_eq!(live["identity"]["account"], "123456789012", "{live}");
    assert!(live["identity"]["arn"].as_str().unwrap().ends_with(":user/ci"), "{live}");
    let revoked = verdict(&unknown, &secret);
    assert_eq!(
        (&revoked["status"], &revoked["force"]),
        (&"revoked".into(), &"strong".into()),
        "{revoked}"
    );
    let mispaired = verdict(&key, &wrong);
    assert_eq!(
        (&mispaired["status"], &mispaired["force"]),
        (&"revoked".into(), &"weak".into()),
        "{mispaired}"
    );
    assert_eq!(mispaired["reason"], "wrong-pair");
    let log = std::fs::read_to_string(sandbox.outside().join("moto.log")).unwrap();
    assert_eq!(log.matches("POST /").count(), 6, "three of ours, three of the scan: {log}");
}
