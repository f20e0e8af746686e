//! The forms in which people write secrets down, in the languages and formats of real repositories.
//!
//! `~` stands for a password of 16 signs, `^` for a key of 32. Each form is filled in with several seeds: a random
//! value looks like a word now and then, so one in four may be missed.

use leakspan::signatures::samples::render;
use serde_json::Value;

use crate::support::Sandbox;

const SEEDS: u64 = 12;
const FEWEST: usize = 9;

/// The name of a file and a line of it.
const FORMS: &[(&str, &str)] = &[
    ("a.gradle", "storePassword '~'"),
    ("b.gradle", "keyPassword \"~\""),
    ("c.gradle", "credentials { username 'ann'\n password '~' }"),
    ("d.gradle.kts", "password = \"~\""),
    ("redis.conf", "requirepass ~"),
    ("redis2.conf", "masterauth ~"),
    ("a.sh", "curl -H \"Authorization: Bearer ^\" https://a.dev"),
    ("b.sh", "curl -H 'X-Api-Key: ^' https://a.dev"),
    ("c.sh", "wget --header=\"Authorization: token ^\" https://a.dev"),
    ("d.sh", "http POST https://a.dev Authorization:\"Bearer ^\""),
    ("e.sh", "export DB_PASS=~"),
    ("f.sh", "PASSWORD=\"~\""),
    ("g.sh", "sshpass -p ~ ssh a@b"),
    ("h.sh", "psql \"postgresql://app:~@db/prod\""),
    ("i.sh", "PGPASSWORD=~ psql -h db"),
    ("j.sh", "mysql -uroot -p~ shop"),
    ("k.sh", "echo \"~\" | docker login -u ann --password-stdin"),
    ("l.sh", "helm upgrade --set db.password=~ x"),
    ("m.sh", "kubectl create secret generic x --from-literal=password=~"),
    ("o.sh", "zip -P ~ a.zip b"),
    ("q.sh", "ldapsearch -D cn=admin -w ~ -b dc=a"),
    ("r.sh", "rabbitmqctl add_user ann ~"),
    ("s.sh", "htpasswd -b f ann ~"),
    ("u.sh", "echo \"ann:~\" | chpasswd"),
    ("w.sh", "gh auth login --with-token <<< \"^\""),
    ("x.sh", "vault login ^"),
    ("y.sh", "curl \"https://a.dev/v1?api_key=^\""),
    ("z.sh", "curl -d \"client_secret=^&grant_type=x\" https://a.dev"),
    ("a.py", "headers = {\"Authorization\": \"Bearer ^\"}"),
    ("b.py", "h = \"Authorization: Bearer ^\""),
    ("c.py", "conn = psycopg2.connect(host='a', password='~')"),
    ("d.py", "requests.get(u, auth=(\"ann\", \"~\"))"),
    ("e.py", "os.environ[\"API_TOKEN\"] = \"^\""),
    ("f.py", "os.environ.setdefault(\"SECRET_KEY\", \"^\")"),
    ("g.py", "os.getenv(\"API_KEY\", \"^\")"),
    ("h.py", "API_KEY = config(\"API_KEY\", default=\"^\")"),
    ("i.py", "client = Client(\"ann\", api_key=\"^\")"),
    ("j.py", "smtp.login(\"ann@a.dev\", \"~\")"),
    ("k.py", "url = f\"https://ann:~@git.a.dev/x\""),
    ("l.py", "parser.add_argument(\"--token\", default=\"^\")"),
    ("a.js", "const token = \"^\";"),
    ("b.js", "apiKey: \"^\","),
    ("c.js", "axios.defaults.headers.common['Authorization'] = 'Bearer ^';"),
    ("d.js", "process.env.SECRET || \"^\""),
    ("e.js", "const secret = process.env.SECRET || \"^\";"),
    ("f.js", "jwt.sign(payload, \"^\")"),
    ("g.js", "mongoose.connect(\"mongodb://app:~@db/x\")"),
    ("h.js", "new Client({ user: \"a\", password: \"~\" })"),
    ("i.js", "req.setRequestHeader(\"X-API-KEY\", \"^\")"),
    ("j.js", "fetch(u, {headers: {\"x-api-key\": \"^\"}})"),
    ("k.js", "window.API_KEY=\"^\""),
    ("l.js", "passport.use(new S({ clientSecret: \"^\" }))"),
    ("m.js", "crypto.createHmac(\"sha256\", \"^\")"),
    ("a.java", "private static final String PASSWORD = \"~\";"),
    ("b.java", "DriverManager.getConnection(url, \"app\", \"~\");"),
    ("c.java", "props.setProperty(\"mail.password\", \"~\");"),
    ("d.java", "@Value(\"${db.password:~}\")"),
    ("e.java", "conn.setRequestProperty(\"Authorization\", \"Bearer ^\");"),
    ("f.java", "ds.setPassword(\"~\");"),
    ("g.java", ".withBasicAuth(\"ann\", \"~\")"),
    ("a.cs", "\"Server=db;User Id=sa;Password=~;\""),
    ("b.cs", "new NetworkCredential(\"ann\", \"~\")"),
    ("c.cs", "client.DefaultRequestHeaders.Add(\"X-Api-Key\", \"^\");"),
    ("a.go", "const apiKey = \"^\""),
    ("b.go", "req.Header.Set(\"Authorization\", \"Bearer ^\")"),
    ("c.go", "req.SetBasicAuth(\"ann\", \"~\")"),
    ("d.go", "dsn := \"app:~@tcp(db:3306)/shop\""),
    ("e.go", "token: \"^\","),
    ("a.rb", "config.secret_key = \"^\""),
    ("b.rb", "password: \"~\""),
    ("c.rb", "http_basic_authenticate_with name: 'ann', password: '~'"),
    ("d.rb", "ENV[\"API_KEY\"] ||= \"^\""),
    ("e.rb", "basic_auth \"ann\", \"~\""),
    ("a.php", "define('DB_PASSWORD', '~');"),
    ("b.php", "$db = new PDO($dsn, 'app', '~');"),
    ("c.php", "'password' => '~',"),
    ("d.php", "mysqli_connect('db', 'app', '~', 'shop')"),
    ("e.php", "env('API_KEY', '^')"),
    ("a.tf", "password = \"~\""),
    ("b.tf", "variable \"db_password\" { default = \"~\" }"),
    ("c.tfvars", "db_password = \"~\""),
    ("a.yml", "password: ~"),
    ("b.yml", "- name: API_KEY\n  value: ^"),
    ("c.yml", "env:\n  - TOKEN=^"),
    ("d.yml", "command: app --password ~"),
    ("e.yml", "DATABASE_URL: postgres://app:~@db/x"),
    ("f.yml", "args: [\"--token\", \"^\"]"),
    ("g.yml", "stringData:\n  password: ~"),
    ("h.yml", "ansible_ssh_pass: ~"),
    ("i.yml", "basic_auth:\n  username: a\n  password: ~"),
    ("j.yml", "Authorization: Bearer ^"),
    ("a.json", "{\"password\": \"~\"}"),
    ("b.json", "{\"Key\": \"ApiKey\", \"Value\": \"^\"}"),
    ("c.json", "{\"headers\": {\"Authorization\": \"Bearer ^\"}}"),
    ("d.json", "{\"args\": [\"--api-key\", \"^\"]}"),
    ("e.json", "{\"key\": \"Authorization\", \"value\": \"Bearer ^\"}"),
    ("web.config", "<add key=\"ApiKey\" value=\"^\" />"),
    ("b.config", "<add name=\"x\" connectionString=\"Server=a;uid=b;pwd=~\" />"),
    ("c.xml", "<property name=\"password\" value=\"~\"/>"),
    ("d.xml", "<password>~</password>"),
    ("settings.xml", "<server><id>a</id><username>u</username><password>~</password></server>"),
    ("tomcat-users.xml", "<user username=\"a\" password=\"~\" roles=\"x\"/>"),
    ("e.xml", "<string name=\"api_key\">^</string>"),
    ("f.xml", "<entry key=\"db.password\">~</entry>"),
    ("a.properties", "db.password=~"),
    ("b.properties", "db.password = ~"),
    ("c.ini", "[db]\npassword = ~"),
    ("my.cnf", "[client]\npassword=~"),
    (".env", "API_KEY=^"),
    (".env.local", "SECRET_KEY=\"^\""),
    (".netrc", "machine a.dev login ann password ~"),
    (".pgpass", "db:5432:shop:app:~"),
    (".npmrc", "_password=~"),
    (".pypirc", "[a]\nusername: u\npassword: ~"),
    ("Dockerfile", "ENV DB_PASSWORD ~"),
    ("b.dockerfile", "ENV DB_PASSWORD=~"),
    ("c.dockerfile", "ARG TOKEN=^"),
    ("d.dockerfile", "RUN curl -u ann:~ https://a.dev"),
    ("docker-compose.yml", "environment:\n - MYSQL_ROOT_PASSWORD=~"),
    ("Jenkinsfile", "environment { API_KEY = '^' }"),
    ("b.jenkinsfile", "sh 'curl -u ann:~ https://a.dev'"),
    ("wpa.conf", "network={\n ssid=\"home\"\n psk=\"~\"\n}"),
    ("nm.nmconnection", "[wifi-security]\npsk=~"),
    ("a.ps1", "$password = \"~\""),
    ("b.ps1", "ConvertTo-SecureString \"~\" -AsPlainText -Force"),
    ("c.ps1", "-Headers @{ \"x-api-key\" = \"^\" }"),
    ("d.bat", "set PASSWORD=~"),
    ("e.bat", "net user ann ~ /add"),
    ("a.sql", "CREATE USER a IDENTIFIED BY '~';"),
    ("b.sql", "ALTER ROLE a WITH PASSWORD '~';"),
    ("a.md", "Password: `~`"),
    ("c.md", "`api_key=^`"),
    ("f.txt", "user=ann pass=~"),
    ("g.log", "Authorization: Bearer ^"),
    ("h.log", "X-Api-Key: ^"),
    ("a.swift", "let apiKey = \"^\""),
    ("b.kt", "val apiKey = \"^\""),
    ("c.m", "static NSString *const kApiKey = @\"^\";"),
    ("d.dart", "const apiKey = \"^\";"),
    ("e.rs", "const API_KEY: &str = \"^\";"),
    ("f.c", "#define PASSWORD \"~\""),
    ("g.cpp", "std::string password = \"~\";"),
    ("h.h", "#define WIFI_PASS \"~\""),
    ("i.ino", "const char* password = \"~\";"),
    ("a.pl", "my $password = \"~\";"),
    ("b.lua", "local password = \"~\""),
    ("c.r", "Sys.setenv(API_KEY = \"^\")"),
    ("d.scala", "val password = \"~\""),
    ("e.clj", ":password \"~\""),
    ("f.ex", "secret_key_base: \"^\""),
    ("g.toml", "password = \"~\""),
    ("h.nix", "password = \"~\";"),
    ("i.vim", "let g:token = \"^\""),
    ("j.el", "(setq api-key \"^\")"),
    ("k.fish", "set -x API_KEY ^"),
    ("l.ipynb", "{\"source\": [\"api_key = \\\"^\\\"\\n\"]}"),
    ("proxy.conf", "proxy_set_header Authorization \"Bearer ^\";"),
    ("haproxy.cfg", "user ann insecure-password ~"),
    ("snmpd.conf", "rocommunity ~"),
    ("freeradius.conf", "secret = ~"),
    ("asterisk.conf", "secret=~"),
    ("cisco.cfg", "enable password 0 ~"),
    ("cisco2.cfg", "snmp-server community ~ RO"),
    ("grafana.ini", "admin_password = ~"),
    (
        "kafka.properties",
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"a\" password=\"~\";",
    ),
    ("odbc.ini", "PWD=~"),
    ("b.http", "X-Auth-Token: ^"),
    ("postman.json", "{\"key\": \"token\", \"value\": \"^\", \"type\": \"string\"}"),
    ("a.hcl", "token = \"^\""),
    ("supervisord.conf", "environment=SECRET=\"^\""),
    ("a.service", "Environment=API_KEY=^"),
    ("crontab", "0 1 * * * curl -H \"Authorization: Bearer ^\" https://a.dev"),
    ("a.tex", "password: ~"),
    ("a.proto", "option (token) = \"^\";"),
];

/// A form with its values, and the values.
fn filled(form: &str, seed: u64) -> (String, Vec<String>) {
    let mut values = Vec::new();
    let mut text = String::new();
    for (place, sign) in form.chars().enumerate() {
        let template = match sign {
            '~' => "${base62:16}",
            '^' => "${base62:32}",
            other => {
                text.push(other);
                continue;
            }
        };
        let value = render(template, seed + 1000 * place as u64).expect("a template of samples");
        text.push_str(&value);
        values.push(value);
    }
    (text + "\n", values)
}

#[test]
fn every_form_is_found_at_the_default_level() {
    let sandbox = Sandbox::new();
    let mut wanted = Vec::new();
    for (number, (name, form)) in FORMS.iter().enumerate() {
        for seed in 0..SEEDS {
            let (text, values) = filled(form, seed);
            let path = format!("{number}/{seed}/{name}");
            sandbox.write(&path, text);
            wanted.push((number, path, values));
        }
    }
    let report = sandbox.leakspan(["scan", "--no-suppress", "--show-secrets", "-f", "jsonl", "."]);
    let findings = report.findings();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let found: Vec<(String, String)> =
        findings.iter().map(|it| (text(it, "path"), text(it, "secret"))).collect();
    let mut hits = vec![0; FORMS.len()];
    for (number, path, values) in &wanted {
        let is_found = |value: &String| {
            found.iter().any(|(at, secret)| at == path && secret.contains(value.as_str()))
        };
        hits[*number] += usize::from(values.iter().all(is_found));
    }
    let missed: Vec<_> = FORMS.iter().zip(&hits).filter(|(_, hits)| **hits < FEWEST).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}
