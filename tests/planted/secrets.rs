//! The sixty types of the first delivery: a value of each, and the text that it stands in.

/// Where a secret is planted: which kind of file, or which encoding of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Env,
    Yaml,
    Json,
    Toml,
    Ini,
    Xml,
    Hcl,
    Dockerfile,
    Notebook,
    MinifiedJs,
    Python,
    Go,
    Java,
    Ruby,
    Shell,
    /// The outer text is the file.
    Raw(&'static str),
    /// UTF-16: big-endian or not, with a byte order mark or not.
    Utf16 {
        big: bool,
        mark: bool,
    },
    Base64Yaml,
    Percent,
    ZipInTar,
    TarGz,
}

/// A type of secret and where one is planted.
pub(crate) struct Row {
    /// The id that must be reported.
    pub(crate) id: &'static str,
    pub(crate) place: Place,
    /// The name that the file gives to the value.
    pub(crate) name: &'static str,
    /// The value, with `{}` for the secret.
    pub(crate) outer: &'static str,
    /// A template of the secret, sealed by the signature's proofs.
    pub(crate) secret: &'static str,
}

const fn row(id: &'static str, place: Place, name: &'static str, secret: &'static str) -> Row {
    Row { id, place, name, outer: "{}", secret }
}

const fn inside(
    id: &'static str,
    place: Place,
    name: &'static str,
    outer: &'static str,
    secret: &'static str,
) -> Row {
    Row { id, place, name, outer, secret }
}

use Place::*;

pub(crate) const SECRETS: [Row; 60] = [
    row("aws-access-key-id", Env, "AWS_ACCESS_KEY_ID", "AKIA${base32:16}"),
    row("aws-secret-access-key", Ini, "aws_secret_access_key", "${base64:40}"),
    row(
        "aws-bedrock-api-key-long",
        Yaml,
        "AWS_BEARER_TOKEN_BEDROCK",
        "ABSKQmVkcm9ja0FQSUtleS${base64:110}",
    ),
    row("github-pat-classic", Base64Yaml, "blob", "ghp_${base62:36}"),
    row("github-pat-fine-grained", Toml, "token", "github_pat_${base62:22}_${base62:59}"),
    row(
        "github-app-installation-token",
        Utf16 { big: false, mark: true },
        "GITHUB_TOKEN",
        "ghs_${base62:36}",
    ),
    row("github-app-installation-token-stateless", Json, "token", "ghs_${digits:6}_${jwt}"),
    row("gitlab-pat", Dockerfile, "GITLAB_TOKEN", "glpat-${base64url:20}"),
    row("gitlab-pat-routable", Shell, "GITLAB_TOKEN", "glpat-${base64url:48}.01.${base36:9}"),
    inside(
        "gcp-service-account-key",
        Raw("json"),
        "",
        "{\n  \"type\": \"service_account\",\n  \"project_id\": \"acme-shop\",\n  \
         \"private_key_id\": \"0b1c2d3e4f5a6978877665544332211aabbccdde\",\n  \
         \"private_key\": \"{}\\n\",\n  \
         \"client_email\": \"ci@acme-shop.iam.gserviceaccount.com\"\n}\n",
        "-----BEGIN PRIVATE KEY-----\\n${base64:64}\\n-----END PRIVATE KEY-----",
    ),
    row("gcp-api-key", MinifiedJs, "apiKey", "AIzaSy${base64url:33}"),
    row("azure-ad-client-secret", Hcl, "client_secret", "${base62:3}8Q~${base62:34}"),
    inside(
        "azure-storage-account-key",
        Xml,
        "Storage",
        "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={};EndpointSuffix=core.windows.net",
        "${base64:76}+ASt${base64:6}==",
    ),
    row(
        "azure-cask-key",
        Python,
        "AZURE_MAPS_KEY",
        "${base62:52}JQQJ99BAAC${base62:10}AAAAAZMP${base62:4}",
    ),
    inside(
        "azure-sas-token",
        Shell,
        "BACKUP_URL",
        "https://acme.blob.core.windows.net/backup?{}",
        "sv=2022-11-02&sr=c&sp=rl&se=2027-01-01T00:00:00Z&spr=https&sig=${base62:43}%3D",
    ),
    row(
        "azure-devops-pat",
        TarGz,
        "AZURE_DEVOPS_EXT_PAT",
        "${base62:52}JQQJ99BAAC${base62:10}AAAAAZDO${base62:4}",
    ),
    row("pem-private-key", Raw("key"), "", "${pem:RSA PRIVATE KEY}"),
    row("openssh-private-key", Raw("id"), "", "${pem:OPENSSH PRIVATE KEY}"),
    row("pgp-private-key", Raw("asc"), "", "${pem:PGP PRIVATE KEY BLOCK}"),
    inside("jwt", Python, "AUTHORIZATION", "Bearer {}", "${jwt}"),
    row(
        "openai-project-key",
        Notebook,
        "OPENAI_API_KEY",
        "sk-proj-${base64url:74}T3BlbkFJ${base64url:74}",
    ),
    row("anthropic-api-key", ZipInTar, "ANTHROPIC_API_KEY", "sk-ant-api03-${base64url:93}AA"),
    row(
        "anthropic-oauth-access-token",
        Utf16 { big: true, mark: true },
        "ANTHROPIC_AUTH_TOKEN",
        "sk-ant-oat01-${base64url:93}AA",
    ),
    row("huggingface-user-token", Notebook, "HF_TOKEN", "hf_${letters:34}"),
    row(
        "groq-api-key",
        Utf16 { big: false, mark: false },
        "GROQ_API_KEY",
        "gsk_${base62:20}WGdyb3FY${base62:24}",
    ),
    row("xai-api-key", Utf16 { big: true, mark: false }, "XAI_API_KEY", "xai-${base62:80}"),
    row("gcp-gemini-api-key", Percent, "key", "AQ.Ab8RN6${base64url:44}"),
    inside(
        "mcp-server-config-secret",
        Raw("mcp.json"),
        "",
        "{\n  \"mcpServers\": {\n    \"tracker\": {\n      \"command\": \"npx\",\n      \
         \"args\": [\"-y\", \"tracker-mcp\"],\n      \"env\": {\n        \
         \"TRACKER_TOKEN\": \"{}\"\n      }\n    }\n  }\n}\n",
        "${base62:40}",
    ),
    row("npm-access-token", Yaml, "NODE_AUTH_TOKEN", "npm_${base62:36}"),
    inside(
        "npmrc-auth-token",
        Raw("npmrc"),
        "",
        "registry=https://npm.acme.example/\n//npm.acme.example/:_authToken={}\n",
        "${uuid}",
    ),
    row("pypi-token", Ini, "password", "pypi-AgEIcHlwaS5vcmc${base64url:140}"),
    row("dockerhub-pat", Shell, "DOCKERHUB_TOKEN", "dckr_pat_${base64url:27}"),
    inside(
        "docker-config-auth",
        Raw("docker.json"),
        "",
        "{\n  \"auths\": {\n    \"registry.acme.example\": {\n      \"auth\": \"{}\"\n    }\n  }\n}\n",
        "${b64:{ci-bot:${base62:20}}}",
    ),
    row("jfrog-reference-token", Yaml, "ARTIFACTORY_TOKEN", "cmVmdGtuOjAxOj${base62:50}"),
    row("slack-bot-token", Toml, "bot_token", "xoxb-${digits:12}-${digits:13}-${base62:24}"),
    row(
        "slack-webhook-url",
        Yaml,
        "webhook",
        "https://hooks.slack.com/services/T${from:A-Z0-9:10}/B${from:A-Z0-9:10}/${base62:24}",
    ),
    row("discord-bot-token", Python, "DISCORD_TOKEN", "MT${base62:22}.${base62:6}.${base62:38}"),
    row("telegram-bot-token", Go, "telegramToken", "${digits:10}:AA${base64url:33}"),
    row("sendgrid-api-key", Java, "SENDGRID_API_KEY", "SG.${base64url:22}.${base64url:43}"),
    row("twilio-account-auth-token", Env, "TWILIO_AUTH_TOKEN", "${hex:32}"),
    row("stripe-secret-key", Ruby, "stripe_key", "sk_live_${base62:24}"),
    row("shopify-access-token", Json, "accessToken", "shpat_${hex:32}"),
    inside(
        "postgres-url",
        Env,
        "DATABASE_URL",
        "postgres://shop:{}@db.acme.internal:5432/shop",
        "${base62:18}",
    ),
    inside(
        "mongodb-url",
        Yaml,
        "uri",
        "mongodb+srv://shop:{}@cluster0.acme.mongodb.net/shop",
        "${base62:18}",
    ),
    inside("redis-url", Toml, "url", "redis://:{}@cache.acme.internal:6379/0", "${base62:24}"),
    inside(
        "azure-sql-connection-string",
        Xml,
        "Main",
        "Server=tcp:acme.database.windows.net,1433;Initial Catalog=shop;User ID=shop;Password={};Encrypt=True;",
        "${base62:18}",
    ),
    row("vault-service-token", Shell, "VAULT_TOKEN", "hvs.CAESI${base64url:90}"),
    row("terraform-cloud-token", Hcl, "token", "${base62:14}.atlasv1.${base62:67}"),
    row("doppler-service-token", Dockerfile, "DOPPLER_TOKEN", "dp.st.prd.${base62:43}"),
    row("cloudflare-user-api-token", Hcl, "api_token", "cfut_${base62:40}${hex:8}"),
    row("digitalocean-pat", Go, "doToken", "dop_v1_${hex:64}"),
    row("databricks-pat", Ini, "token", "dapi${hex:32}"),
    row("atlassian-api-token", Json, "jiraToken", "ATATT3xFfGF0${base64url:171}=${upperhex:8}"),
    row("grafana-service-account-token", Yaml, "grafana_token", "glsa_${base62:32}_${hex:8}"),
    row(
        "sentry-org-token",
        Dockerfile,
        "SENTRY_AUTH_TOKEN",
        "sntrys_eyJ${base64:120}_${base64:43}",
    ),
    row("datadog-api-key", Java, "DD_API_KEY", "${hex:32}"),
    row(
        "supabase-secret-key",
        MinifiedJs,
        "supabaseKey",
        "sb_secret_${base64url:22}_${base64url:8}",
    ),
    inside("url-basic-auth", Shell, "MIRROR", "https://deploy:{}@files.acme.dev/m", "${base62:20}"),
    row("generic-api-key-assignment", Ruby, "acme_api_key", "${base62:32}"),
    row("generic-password-assignment", Java, "dbPassword", "${base62:16}"),
];
