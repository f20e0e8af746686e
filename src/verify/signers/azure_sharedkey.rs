//! Shared Key of Azure Storage.
//!
//! Source: <https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::with::{With, need};
use crate::model::Request;

pub(super) const WITH: &[&str] = &["account", "key"];

pub(super) fn sign(
    request: &mut Request,
    with: &With,
    now: jiff::Timestamp,
) -> Result<(), &'static str> {
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    request.headers.push(("x-ms-date".to_owned(), Zeroizing::new(date)));
    let account = need(with, "account")?;
    let text = string_to_sign(request, account);
    let key =
        Zeroizing::new(STANDARD.decode(need(with, "key")?).map_err(|_| "the key is no base64")?);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let value = Zeroizing::new(format!("SharedKey {account}:{signature}"));
    request.headers.push(("authorization".to_owned(), value));
    Ok(())
}

/// Method, eleven headers that a request without a body leaves empty, the headers of the service, and the
/// resource with its parameters in order.
fn string_to_sign(request: &Request, account: &str) -> String {
    let mut own: Vec<_> =
        request.headers.iter().filter(|(name, _)| name.starts_with("x-ms-")).collect();
    own.sort_by(|a, b| a.0.cmp(&b.0));
    let own: String =
        own.iter().map(|(name, value)| format!("{name}:{}\n", value.as_str())).collect();
    let target = request.url.split_once("://").map_or("", |(_, rest)| rest);
    let target = target.find('/').map_or("/", |at| &target[at..]);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut parameters: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    parameters.sort_unstable();
    let parameters: String =
        parameters.iter().map(|(name, value)| format!("\n{name}:{value}")).collect();
    format!("{}{}{own}/{account}{path}{parameters}", request.method.name(), "\n".repeat(12))
}

#[cfg(test)]
mod tests {
    use super::string_to_sign;
    use crate::model::{Method, Request};
    use zeroize::Zeroizing;

    /// The example of the documentation, «List containers», with this version of the service.
    #[test]
    fn the_text_is_that_of_the_documentation() {
        let own = |text: &str| Zeroizing::new(text.to_owned());
        let request = Request {
            method: Method::Get,
            url: own("https://myaccount.blob.core.windows.net/?maxresults=1&comp=list"),
            headers: vec![
                ("x-ms-version".into(), own("2015-02-21")),
                ("accept".into(), own("*/*")),
                ("x-ms-date".into(), own("Fri, 26 Jun 2015 23:39:12 GMT")),
            ],
            body: None,
        };
        let expected = "GET\n\n\n\n\n\n\n\n\n\n\n\n\
            x-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n\
            /myaccount/\ncomp:list\nmaxresults:1";
        assert_eq!(string_to_sign(&request, "myaccount"), expected);
    }
}
