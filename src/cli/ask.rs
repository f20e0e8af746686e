//! What can be typed about asking providers, and what it means.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use clap::Args;

use crate::app::verify::VerifyOptions;
use crate::config::VerifyConfig;
use crate::net::Policy;
use crate::verify as room;

/// How providers are asked, wherever they are.
#[derive(Debug, Default, Args)]
pub(super) struct AskArguments {
    /// Print every request that would be sent, without secrets, and send none.
    #[arg(long, help_heading = "Verification")]
    pub(super) dry_run: bool,
    /// Ask these providers alone, by the name of their signature file; may be given several times.
    #[arg(long, value_name = "NAME", value_delimiter = ',', help_heading = "Verification")]
    providers: Vec<String>,
    /// Use a probe that is off by default, because it logs in, costs or changes something.
    #[arg(long, value_name = "PROBE", value_delimiter = ',', help_heading = "Verification")]
    allow_probe: Vec<String>,
    /// Hosts (git.acme.com, *.acme.com) and networks (10.0.0.0/8) of your own that may be asked.
    #[arg(long, value_name = "HOST|NET", value_delimiter = ',', help_heading = "Verification")]
    verify_host: Vec<String>,
    /// Send a provider's requests elsewhere: to a stub or a server of your own, over http too.
    #[arg(long, value_name = "PROVIDER=URL", help_heading = "Verification")]
    endpoint: Vec<String>,
    /// Send at most so many requests.
    #[arg(long, value_name = "N", help_heading = "Verification")]
    max_requests: Option<u64>,
    /// Requests a second to each host [default: 1].
    #[arg(long, value_name = "N", help_heading = "Verification")]
    verify_rate: Option<f64>,
    /// Go through this proxy; none is taken from the environment.
    #[arg(long, value_name = "URL", help_heading = "Verification")]
    proxy: Option<String>,
    /// Trust the authorities in this file too (PEM).
    #[arg(long, value_name = "FILE", help_heading = "Verification")]
    authorities: Option<PathBuf>,
    /// Log requests in this file instead of the one beside the answers.
    #[arg(long, value_name = "FILE", help_heading = "Verification")]
    request_log: Option<PathBuf>,
    /// Neither use nor keep answers of the last day.
    #[arg(long, help_heading = "Verification")]
    no_verify_cache: bool,
}

/// Of commands that scan and may ask.
#[derive(Debug, Default, Args)]
pub(super) struct VerifyingArguments {
    /// Ask providers whether what is found still works. Sends each credential to its own provider alone.
    #[arg(long, env = "LEAKSPAN_VERIFY", help_heading = "Verification",
          value_parser = super::values::switch)]
    verify: bool,
    #[command(flatten)]
    ask: AskArguments,
}

impl VerifyingArguments {
    /// Whether providers are asked.
    pub(super) fn is_on(&self) -> bool {
        self.verify
    }

    /// What a scan is to ask, if anything.
    pub(super) fn of_scan(self, configured: VerifyConfig) -> anyhow::Result<Option<VerifyOptions>> {
        if self.verify {
            return self.ask.options(configured).map(Some);
        }
        let ask = &self.ask;
        let idle = ask.dry_run
            || !ask.providers.is_empty()
            || !ask.allow_probe.is_empty()
            || !ask.endpoint.is_empty()
            || ask.max_requests.is_some();
        ensure!(
            !idle,
            "--dry-run, --providers, --allow-probe, --endpoint and --max-requests go with --verify"
        );
        Ok(None)
    }
}

impl AskArguments {
    /// What was typed over what the configuration says.
    pub(super) fn options(self, configured: VerifyConfig) -> anyhow::Result<VerifyOptions> {
        let or = |typed: Vec<String>, configured: Option<Vec<String>>| {
            if typed.is_empty() { configured.unwrap_or_default() } else { typed }
        };
        let mut endpoints = std::collections::BTreeMap::new();
        let configured_endpoints = configured.endpoints.unwrap_or_default();
        for (provider, url) in configured_endpoints {
            endpoints.insert(provider, url.parse().map_err(anyhow::Error::msg)?);
        }
        for typed in self.endpoint {
            let Some((provider, url)) = typed.split_once('=') else {
                bail!("--endpoint takes PROVIDER=URL, as in github=https://git.acme.com/api/v3");
            };
            let endpoint = url.parse().map_err(anyhow::Error::msg).context("--endpoint")?;
            endpoints.insert(provider.to_owned(), endpoint);
        }
        let mut policy = Policy::default();
        for rule in [configured.hosts.unwrap_or_default(), self.verify_host].concat() {
            policy.rules.push(rule.parse().map_err(anyhow::Error::msg)?);
        }
        let rate = self.verify_rate.or(configured.rate).unwrap_or(room::RATE);
        ensure!(rate > 0.0 && rate.is_finite(), "--verify-rate is a number above 0");
        Ok(VerifyOptions {
            room: room::Options {
                providers: or(self.providers, configured.providers),
                allowed: or(self.allow_probe, configured.allow_probes),
                endpoints,
                policy,
                max_requests: self.max_requests.or(configured.max_requests),
                rate,
            },
            dry_run: self.dry_run,
            cache: !self.no_verify_cache,
            request_log: self.request_log.or(configured.request_log),
            proxy: self.proxy.or(configured.proxy),
            authorities: self.authorities.or(configured.authorities),
        })
    }
}
