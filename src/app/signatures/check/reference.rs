//! The reference text: ordinary source without a secret in it, made from word lists and the lines below.
//!
//! Every run makes the same text for the same set of signatures. It holds what costs a scanner time and
//! makes it cry wolf: names of every provider, names that promise a credential with values that are none,
//! digests, UUIDs, lock files, encoded data, minified code. It is no corpus: words are drawn from a list of
//! words of real code with a frequency that is guessed, and the lines are few. Figures over it compare
//! signatures with one another and show the ones that are far off; throughput is what `benches` measure.

use std::fmt::Write;

use crate::engine::words;
use crate::model::SignatureSet;
use crate::signatures::samples;

/// A file of the text.
pub(super) struct File {
    pub(super) path: String,
    pub(super) text: String,
}

/// Bytes of each file.
const FILE: usize = 32 << 10;
/// Files of each kind.
const FILES: usize = 3;

/// A kind of file: the ending of its name, and its lines. In a line `{w}` is a word, `{W}` the same with a
/// capital, `{S}` in capitals, `{p}` the name of a provider, `{P}` in capitals, `{$}` a dollar sign; `${…}` is filled as in samples.
struct Kind(&'static str, &'static [&'static str]);

const KINDS: &[Kind] = &[
    Kind("py", PYTHON),
    Kind("ts", TYPESCRIPT),
    Kind("go", GO),
    Kind("rs", RUST),
    Kind("c", C),
    Kind("java", JAVA),
    Kind("sh", SHELL),
    Kind("yaml", YAML),
    Kind("json", JSON),
    Kind("md", PROSE),
    Kind("lock", LOCK),
    Kind("min.js", MINIFIED),
    Kind("log", LOG),
    Kind("tf", TERRAFORM),
];

const PYTHON: &[&str] = &[
    "import {w}\n",
    "from {p}.{w} import {W}{W}, {w}_{w}\n",
    "\n\nclass {W}{W}({W}):\n    \"\"\"{W} {w} of the {w} that {p} sends.\"\"\"\n",
    "    def {w}_{w}(self, {w}, {w}_token=None, password: str = \"\", timeout=${digits:2}):\n",
    "        self.{w}_key = {w}.get(\"{w}_key\") or os.environ[\"{P}_API_KEY\"]\n",
    "        self.password = getpass.getpass(\"{W} password: \")\n",
    "        {w} = {p}.Client(api_key=settings.{P}_API_KEY, secret={w}.secret)\n",
    "        if not {w}.{w}_{w}({w}, {w}[${digits:1}]):\n            raise {W}Error(f\"{w} {{w}} is not {w}\")\n",
    "        return [{w}.{w} for {w} in {w}.{w}_{w}({w}=\"{w}-{w}\")]\n",
    "        # {W} {w} {w} the {w}, see https://docs.{p}.com/{w}/{w}#{w}-{w}\n",
    "    assert {w}({w}) == \"${hex:32}\"\n",
    "    {w}_{w} = {\"{w}\": \"{w}\", \"{w}_id\": ${digits:6}, \"{p}\": True}\n",
    "        token = {w}.{w}_token({w}, {w})\n",
];

const TYPESCRIPT: &[&str] = &[
    "import { {w}, {W}{W} } from '@{p}/{w}-{w}';\n",
    "import {p} from '../{w}/{p}.js';\n",
    "export interface {W}{W} {\n  {w}: string;\n  {w}Token?: string;\n  password: string;\n}\n",
    "export const {w}{W} = async ({w}: {W}, {w}Id: string): Promise<{W}{W}> => {\n",
    "  const {w}{W} = await this.{w}Service.{w}{W}({ {w}, {w}{W}: {w}.{w} });\n",
    "  const {w}Key = process.env.{P}_SECRET_KEY ?? config.{w}Key;\n",
    "  const response = await fetch(`https://api.{p}.com/v1/{w}/{$}{{w}.id}?{w}={w}`, { headers });\n",
    "  headers: { Authorization: `Bearer {$}{{w}Token}`, 'X-{W}-Key': apiKey },\n",
    "  if ({w}.{w}{W} === '{w}-{w}') return {w}.{w}{W}({w});\n",
    "  expect({w}.{w}).toEqual('${uuid}');\n",
    "  // {W} {w} {w} {w}; the {p} token is {w} by the {w}.\n",
    "  secretKey: {w}{W}.secretKey,\n  accessToken: await get{W}Token(),\n",
    "  <input type=\"password\" name=\"{w}_password\" placeholder=\"{W} password\" />\n",
    "};\n\n",
];

const GO: &[&str] = &[
    "package {w}\n\nimport (\n\t\"context\"\n\t\"github.com/{p}/{w}-go/v2/{w}\"\n)\n",
    "func ({w} *{W}{W}) {W}{W}(ctx context.Context, {w} *{w}.{W}) (*{W}{W}, error) {\n",
    "\tif err := {w}.{W}{W}({w}, &{w}); err != nil {\n\t\treturn nil, fmt.Errorf(\"{w} {w}: %w\", err)\n\t}\n",
    "\tAPIKey: os.Getenv(\"{P}_API_KEY\"),\n\tPassword: *{w}Password,\n",
    "type {W}{W} struct {\n\t{W}Token string `json:\"{w}_token,omitempty\"`\n\tSecret []byte `json:\"-\"`\n}\n",
    "\t{w}, {w} := {w}.{W}({p}.{W}Options{{W}: {w}, {W}ID: \"${uuid}\"})\n",
    "\t// {W}{W} {w} the {w} {w} of {p}, and {w} {w}.\n",
    "\tgithub.com/{p}/{w}-go v${digits:1}.${digits:2}.0 h1:${base64:43}=\n",
    "\t{w}Hash = \"${hex:40}\"\n}\n\n",
];

const RUST: &[&str] = &[
    "use crate::{w}::{W}{W};\nuse {p}::{w}::{{w}, {W}};\n",
    "/// {W} {w} {w} of a {w}, as the {w} of {p} has it.\n",
    "pub fn {w}_{w}({w}: &{W}, {w}_{w}: &[u8]) -> Result<{W}{W}, {W}Error> {\n",
    "    let {w}_{w} = {w}.{w}_{w}({w}).map(|{w}| {w}.{w}())?;\n",
    "    let {w}_key = std::env::var(\"{P}_KEY\").context(\"set {P}_KEY\")?;\n",
    "    let password = rpassword::prompt_password(\"{W}: \")?;\n",
    "    match {w} {\n        {W}::{W}({w}) => {w}.{w}(),\n        {W}::{W} { {w}, .. } => {w},\n    }\n",
    "    assert_eq!({w}({w}), \"${hex:64}\");\n}\n\n",
    "const {S}_{S}: usize = 0x${upperhex:8};\n",
];

const C: &[&str] = &[
    "#include <{w}/{w}_{w}.h>\n",
    "static int {w}_{w}_{w}(struct {w}_{w} *{w}, const char *{w}, size_t {w}_len)\n{\n",
    "\tif ({w}->{w} & {S}_{S}_{S})\n\t\treturn -EINVAL;\n",
    "\t{w} = {w}_{w}({w}, sizeof(*{w}), GFP_KERNEL);\n",
    "\t.{w}_key = {w}_{w}_key,\n\t.set_password = {w}_set_password,\n",
    "#define {S}_{S}_{S} 0x${hex:8}\n",
    "\t/* {W} {w} the {w}: {w} {w} {w}, not {w} */\n",
    "\t{ 0x${hex:8}, 0x${hex:8}, 0x${hex:8}, 0x${hex:8} },\n",
    "\treturn 0;\n}\n\n",
];

const JAVA: &[&str] = &[
    "package com.{p}.{w}.{w};\n\nimport com.{p}.{w}.{W}{W}Exception;\n",
    "@{W}(\"{$}{{p}.{w}.{w}}\")\nprivate String {w}{W}Secret;\n",
    "    public {W}{W} {w}{W}(final String {w}, final {W}{W} {w}Token) throws {W}Exception {\n",
    "        this.{w}Password = Objects.requireNonNull(password, \"password\");\n",
    "        return {w}.{w}{W}().{w}({w}).withApiKey({w}.getApiKey()).build();\n    }\n",
    "    private static final long serialVersionUID = ${digits:18}L;\n",
    "    private static final String {S}_KEY = \"{w}.{w}.{w}\";\n",
    "    // {W} {w}: {w} {w} {w}.\n",
];

const SHELL: &[&str] = &[
    "#!/usr/bin/env bash\nset -euo pipefail\n",
    "export {P}_API_KEY=\"{$}{{P}_API_KEY:-}\"\n",
    "{S}_{S}=$(aws {w} get-{w} --{w}-id \"{$}{{S}}\" --query '{W}.{W}' --output text)\n",
    "curl -fsSL -H \"Authorization: Bearer $TOKEN\" https://api.{p}.io/{w}/{w} | jq -r .{w}\n",
    "docker run --rm -e {P}_TOKEN -v \"$PWD:/{w}\" {p}/{w}:${digits:1}.${digits:1}@sha256:${hex:64}\n",
    "echo \"${hex:64}  {w}-{w}-${digits:1}.tar.gz\" | sha256sum -c -\n",
    "if [ -z \"{$}{PASSWORD:-}\" ]; then echo \"{w}: set PASSWORD\" >&2; exit 1; fi\n",
    "git checkout ${hex:40} # {w} {w}\n",
    "# {W} {w} {w} {w} with {p}.\n",
];

const YAML: &[&str] = &[
    "{w}:\n  {w}_{w}: {w}\n  {w}: ${digits:4}\n",
    "  - name: {W} {w}\n    uses: {p}/{w}-action@${hex:40} # v${digits:1}\n",
    "    env:\n      {P}_TOKEN: {$}{{ secrets.{P}_TOKEN }}\n      {S}: {w}\n",
    "  - name: {P}_API_KEY\n    valueFrom:\n      secretKeyRef: { name: {w}-{w}, key: {p}-api-key }\n",
    "  image: registry.{p}.com/{w}/{p}:${hex:40}\n",
    "  password: \"{{ .Values.{w}.password }}\"\n",
    "  {w}-id: ${uuid}\n",
    "  checksum/{w}: ${hex:64}\n",
    "# {W} {w} {w} {w}.\n",
];

const JSON: &[&str] = &[
    "{\"{w}\": \"{w} {w}\", \"{w}\": [${digits:3}, ${digits:2}], \"{w}Id\": \"${uuid}\"},\n",
    "\"{w}.{w}.password.label\": \"{W} your {w} password\",\n",
    "\"{p}\": { \"{p}-{w}\": \"^${digits:1}.${digits:1}.0\", \"{w}_token\": null, \"apiKey\": \"\" },\n",
    "\"{w}/{w}-{w}\": \"https://{p}.com/{w}/{w}?{w}=${digits:5}&{w}={w}\",\n",
    "\"{w}\": \"data:image/png;base64,${base64:120}==\",\n",
    "\"gitHead\": \"${hex:40}\", \"md5\": \"${hex:32}\",\n",
    "\"{w}\": {\"$ref\": \"#/definitions/{W}{W}\", \"description\": \"{W} {w} the {w} token of {p}.\"},\n",
];

const PROSE: &[&str] = &[
    "## {W} {w} {w}\n\n",
    "{W} {w} {w} the {w} {w} of {w}, and {w} {w} a {w} that {w} {w} in {w} {w}. ",
    "To use {p}, set `{P}_API_KEY` to the API key of your account, and `{P}_SECRET` to its secret.\n",
    "See [{w} {w}](https://www.{p}.com/docs/{w}-{w}/{w}#{w}) for how {w} {w} the {w} token.\n",
    "- {w}: {w} {w} {w} (#${digits:4}, ${hex:7})\n",
    "| `--{w}-{w}` | {w} {w} {w} | `{w}` |\n",
    "![{w}](https://img.{p}.io/badge/{w}-{w}-green.svg?style=flat)\n",
    "\n",
];

const LOCK: &[&str] = &[
    "    \"node_modules/{p}-{w}\": {\n      \"version\": \"${digits:1}.${digits:2}.0\",\n      \"resolved\": \"https://registry.{w}.org/{p}-{w}/-/{p}-{w}-${digits:1}.${digits:2}.0.tgz\",\n      \"integrity\": \"sha512-${base64:86}==\"\n    },\n",
    "{p}-{w}==${digits:1}.${digits:2} \\\n    --hash=sha256:${hex:64} \\\n    --hash=sha256:${hex:64}\n",
    "[[package]]\nname = \"{p}-{w}\"\nversion = \"${digits:1}.${digits:2}.0\"\nchecksum = \"${hex:64}\"\n",
    "github.com/{p}/{w} v0.0.0-20${digits:12}-${hex:12} h1:${base64:43}=\n",
    "  {p}_{w}:\n    dependency: transitive\n    description:\n      name: {p}_{w}\n      sha256: ${hex:64}\n",
    "GIT\n  remote: https://github.com/{p}/{w}.git\n  revision: ${hex:40}\n",
    "${hex:64}  {p}-{w}_${digits:1}.${digits:1}_amd64.deb\n${hex:32}  ./{p}/{w}.{w}\n",
    "SHA256 ({p}-{w}-${digits:1}.${digits:2}.tar.gz) = ${hex:64}\n",
];

const MINIFIED: &[&str] = &[
    "function {w}(t,e){var n=t.{w};return n?n.{w}{W}(e):void 0}",
    "var {w}=function(){function t(t){this.{w}=t,this.token=t.token}return t.prototype.{w}=function(t){return this.{w}[t]},t}();",
    "e.exports={{w}:\"{w}\",{w}:!0,key:\"{w}\",{p}:n(${digits:4})};",
    "t.password!==e.password&&({w}=\"{w}-{w}\");",
    "!function(t,e){\"object\"==typeof exports?module.exports=e():t.{p}=e()}(this,function(){",
    "{w}:\"M${digits:2}.${digits:2},${digits:2}c-${digits:1}.${digits:3},0-${digits:2}.${digits:2}z\",",
    "//# sourceMappingURL=data:application/json;base64,${base64:400}\n",
    "n.p+\"static/{p}.${hex:20}.js\",",
];

const LOG: &[&str] = &[
    "2024-0${digits:1}-1${digits:1}T1${digits:1}:2${digits:1}:3${digits:1}Z INFO {w}.{w} {w} {w} request_id=${uuid} {w}=${digits:3}\n",
    "10.0.${digits:1}.${digits:2} - - \"GET /{w}/{w}?{w}=${digits:4} HTTP/1.1\" 200 ${digits:5} \"https://{p}.com/\" \"{W}/5.0\"\n",
    "WARN {p}: {w} {w} in ${digits:3} ms, trace ${hex:32} span ${hex:16}\n",
    "commit ${hex:40}\nAuthor: {W} {W} <{w}@{p}.com>\n\n    {w}: {w} {w} {w}\n\n",
    "    at {w}.{w}{W} (/{w}/node_modules/{p}/{w}.js:${digits:3}:${digits:2})\n",
    "login failed for user {w}: password {w}\n",
    "${uuid},{w},{w} {w},${digits:5},{w}@{p}.com,${hex:40}\n",
];

const TERRAFORM: &[&str] = &[
    "resource \"{p}_{w}\" \"{w}_{w}\" {\n  {w} = var.{w}_{w}\n",
    "  api_key    = var.{p}_api_key\n  password   = random_password.{w}.result\n",
    "  {w}_id     = \"${uuid}\"\n",
    "variable \"{p}_token\" {\n  type      = string\n  sensitive = true\n}\n",
    "  source = \"git::https://github.com/{p}/{w}.git?ref=${hex:40}\"\n",
    "  tags = { {W} = \"{w}\", {w} = \"{w}-{w}\" }\n}\n\n",
    "  # {W} {w} {w}\n",
];

/// Stands for a dollar sign until the samples are filled.
const DOLLAR: &str = "\u{1}";

/// Words that stand in source more often than all others.
const FREQUENT: &[&str] = &[
    "the", "self", "name", "value", "type", "data", "return", "string", "key", "test", "error",
    "file", "path", "user", "config", "client", "token", "list", "index", "result", "options",
    "request", "response", "state", "code", "text", "line", "field", "node", "event", "message",
    "server", "host", "version", "default", "password", "secret", "service", "account", "access",
];

/// The text for a set: the names of its providers stand in it.
pub(super) fn files(set: &SignatureSet) -> Vec<File> {
    let mut providers: Vec<&str> = set.signatures.iter().map(|it| &*it.file).collect();
    providers.sort_unstable();
    providers.dedup();
    let mut writer = Writer { words: words().collect(), providers, numbers: 1, lines: 0 };
    let count = KINDS.len() * FILES;
    (0..count).map(|number| writer.file(&KINDS[number % KINDS.len()], number)).collect()
}

struct Writer<'s> {
    words: Vec<&'static str>,
    providers: Vec<&'s str>,
    numbers: u64,
    lines: usize,
}

impl Writer<'_> {
    fn file(&mut self, kind: &Kind, number: usize) -> File {
        let Kind(ending, lines) = kind;
        let mut text = String::with_capacity(FILE + 1024);
        while text.len() < FILE {
            let line = lines[self.below(lines.len())];
            let seed = samples::seed(ending, self.lines, number as u64);
            self.lines += 1;
            let words = self.words_in(line);
            let filled = samples::render(&words, seed).expect("a test fills every line");
            text.push_str(&filled.replace(DOLLAR, "$"));
        }
        File { path: format!("src/{}/{}.{ending}", self.word(), self.word()), text }
    }

    /// The line with its words; what samples are made of is left as it is.
    fn words_in(&mut self, line: &str) -> String {
        let mut text = String::new();
        let mut rest = line;
        while let Some(at) = rest.find('{') {
            text.push_str(&rest[..at]);
            rest = &rest[at..];
            let word = match rest.get(..3) {
                Some("{$}") => DOLLAR.to_owned(),
                Some("{w}") => self.word(),
                Some("{W}") => capital(&self.word()),
                Some("{S}") => self.word().to_ascii_uppercase(),
                Some("{p}") => self.provider(),
                Some("{P}") => self.provider().to_ascii_uppercase().replace('-', "_"),
                _ => {
                    text.push('{');
                    rest = &rest[1..];
                    continue;
                }
            };
            text.push_str(&word);
            rest = &rest[3..];
        }
        text + rest
    }

    /// A third of the words are the frequent ones.
    fn word(&mut self) -> String {
        let frequent = self.below(3) == 0;
        let list = if frequent { FREQUENT.len() } else { self.words.len() };
        let at = self.below(list);
        if frequent { FREQUENT[at].to_owned() } else { self.words[at].to_owned() }
    }

    fn provider(&mut self) -> String {
        let at = self.below(self.providers.len());
        self.providers[at].to_owned()
    }

    fn below(&mut self, limit: usize) -> usize {
        // Knuth's MMIX generator; the high bits are the random ones.
        self.numbers = self
            .numbers
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.numbers >> 33) % limit as u64) as usize
    }
}

fn capital(word: &str) -> String {
    let mut text = String::with_capacity(word.len());
    let mut letters = word.chars();
    if let Some(first) = letters.next() {
        let _ = write!(text, "{}", first.to_ascii_uppercase());
    }
    text + letters.as_str()
}

#[cfg(test)]
mod tests {
    use super::{KINDS, Kind, Writer, words};
    use crate::signatures::samples;

    #[test]
    fn every_line_can_be_filled_and_the_text_is_the_same_each_time() {
        let text = || {
            let providers = vec!["acme", "globex"];
            let mut writer = Writer { words: words().collect(), providers, numbers: 1, lines: 0 };
            for Kind(_, lines) in KINDS {
                for line in *lines {
                    let words = writer.words_in(line);
                    assert!(samples::render(&words, 1).is_ok(), "{line}");
                    assert!(!words.contains("{w}") && !words.contains("{p}"), "{line}");
                }
            }
            KINDS
                .iter()
                .enumerate()
                .map(|(at, kind)| writer.file(kind, at).text)
                .collect::<String>()
        };
        assert_eq!(text(), text());
        assert!(text().contains("acme"));
    }
}
