//! Requests signed by their sender: HTTP Message Signatures (RFC 9421) with Ed25519, the body under the signature by its
//! Content-Digest (RFC 9530).
//!
//! Only what this interface needs: `@method`, `@path`, `@authority` and plain header fields as components, no parameters
//! on them. Structured fields are read and written by `sfv`, signatures checked by `ring`.

use super::problem::Refusal;
use axum::http::{HeaderMap, header, request::Parts};
use chrono::{DateTime, Duration, Utc};
use ring::signature::{ED25519, UnparsedPublicKey};
use sfv::{Dictionary, InnerList, ListEntry, ListSerializer, Parser};

/// What a signature has to hold, as `Accept-Signature` says it.
pub const WANTED: &str =
    r#"tuodi=("@method" "@path" "content-digest" "content-disposition");created;nonce;keyid;alg="ed25519""#;

/// A sender's clock may differ by so much, and a request be so long on its way.
pub const WINDOW: Duration = Duration::seconds(300);

/// Longest `keyid` and `nonce`.
const LONGEST: usize = 128;

/// What a request says of its signature; nothing is proven yet.
#[derive(Debug)]
pub struct Claim {
    pub key: String,
    pub created: DateTime<Utc>,
    pub nonce: Option<String>,
    expires: Option<DateTime<Utc>>,
    components: Vec<String>,
    /// The text that is signed (RFC 9421, 2.5).
    base: String,
    signature: Vec<u8>,
}

impl Claim {
    /// # Errors
    /// A header that is missing or cannot be read.
    pub fn read(request: &Parts) -> Result<Claim, Refusal> {
        let headers = &request.headers;
        if !headers.contains_key("signature-input") || !headers.contains_key("signature") {
            return Err(Refusal::Unsigned);
        }
        let unreadable = |what: &str| Refusal::Unreadable(what.to_owned());
        let inputs = dictionary(headers, "signature-input")?;
        let Some((label, ListEntry::InnerList(input))) = inputs.first() else {
            return Err(unreadable("Signature-Input"));
        };
        let signatures = dictionary(headers, "signature")?;
        let signature = match signatures.get(label.as_str()) {
            Some(ListEntry::Item(item)) => item.bare_item.as_byte_sequence(),
            _ => None,
        };
        let signature = signature.ok_or_else(|| unreadable("Signature"))?.to_vec();
        let components = components(input)?;
        let text = |name: &str| {
            let value = input.params.get(name)?.as_string()?.as_str();
            (!value.is_empty() && value.len() <= LONGEST).then(|| value.to_owned())
        };
        let time = |name: &str| {
            let seconds = i64::from(input.params.get(name)?.as_integer()?);
            DateTime::from_timestamp(seconds, 0)
        };
        if input.params.contains_key("alg") && text("alg").as_deref() != Some("ed25519") {
            return Err(unreadable("alg"));
        }
        Ok(Claim {
            key: text("keyid").ok_or_else(|| unreadable("keyid"))?,
            created: time("created").ok_or_else(|| unreadable("created"))?,
            nonce: text("nonce"),
            expires: time("expires"),
            base: base(request, &components, input)?,
            components,
            signature,
        })
    }

    /// Whether everything named is under the signature.
    ///
    /// # Errors
    /// What is not.
    pub fn covers(&self, names: &[&str]) -> Result<(), Refusal> {
        match names.iter().find(|name| !self.components.iter().any(|c| c == *name)) {
            Some(missing) => Err(Refusal::NotCovered((*missing).to_owned())),
            None => Ok(()),
        }
    }

    /// Made just now, by the sender's clock.
    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        (self.created - now).abs() <= WINDOW && self.expires.is_none_or(|at| at > now)
    }

    pub fn is_by(&self, public: &[u8; 32]) -> bool {
        UnparsedPublicKey::new(&ED25519, public).verify(self.base.as_bytes(), &self.signature).is_ok()
    }
}

/// SHA-256 of the body, as the sender says it.
///
/// # Errors
/// The header is missing, unreadable, or holds no `sha-256`.
pub fn digest(headers: &HeaderMap) -> Result<[u8; 32], Refusal> {
    if !headers.contains_key("content-digest") {
        return Err(Refusal::NoDigest);
    }
    let said = dictionary(headers, "content-digest")?;
    let bytes = match said.get("sha-256") {
        Some(ListEntry::Item(item)) => item.bare_item.as_byte_sequence(),
        _ => None,
    };
    bytes.and_then(|b| b.try_into().ok()).ok_or(Refusal::NoDigest)
}

/// All lines of a header as one value; none where a line is no text.
fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(name).into_iter().map(|v| std::str::from_utf8(v.as_bytes()).map(str::trim));
    let lines: Vec<&str> = lines.collect::<Result<_, _>>().ok()?;
    (!lines.is_empty()).then(|| lines.join(", "))
}

fn dictionary(headers: &HeaderMap, name: &str) -> Result<Dictionary, Refusal> {
    let unreadable = || Refusal::Unreadable(name.to_owned());
    let value = value(headers, name).ok_or_else(unreadable)?;
    Parser::new(&value).parse().map_err(|_| unreadable())
}

fn components(input: &InnerList) -> Result<Vec<String>, Refusal> {
    let mut names: Vec<String> = Vec::new();
    for item in &input.items {
        let name = item.bare_item.as_string().map(|s| s.as_str().to_owned()).unwrap_or_default();
        if name.is_empty() || !item.params.is_empty() || names.contains(&name) {
            return Err(Refusal::Unreadable("Signature-Input".to_owned()));
        }
        names.push(name);
    }
    Ok(names)
}

fn base(request: &Parts, components: &[String], input: &InnerList) -> Result<String, Refusal> {
    let mut text = String::new();
    for name in components {
        let value = match name.as_str() {
            "@method" => Some(request.method.as_str().to_owned()),
            "@path" => Some(request.uri.path().to_owned()),
            "@authority" => value(&request.headers, header::HOST.as_str()).map(|host| host.to_ascii_lowercase()),
            field if field.starts_with('@') => return Err(Refusal::Unreadable(name.clone())),
            field => value(&request.headers, field),
        };
        // Under the signature and not there: the signature cannot be right.
        let value = value.ok_or_else(|| Refusal::Unreadable(name.clone()))?;
        text += &format!("\"{name}\": {value}\n");
    }
    let mut line = ListSerializer::new();
    let mut list = line.inner_list();
    list.items(&input.items);
    list.finish().parameters(&input.params);
    let params = line.finish().unwrap_or_default();
    Ok(text + "\"@signature-params\": " + &params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;
    use base64::{Engine, prelude::BASE64_STANDARD};

    /// RFC 9421, B.2.6 over the request of B.2.
    fn of_the_standard(path: &str) -> Parts {
        let request = Request::post(path)
            .header("host", "example.com")
            .header("date", "Tue, 20 Apr 2021 02:07:55 GMT")
            .header("content-type", "application/json")
            .header("content-length", "18")
            .header(
                "signature-input",
                "sig-b26=(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\")\
                 ;created=1618884473;keyid=\"test-key-ed25519\"",
            )
            .header(
                "signature",
                "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
            );
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_example_of_the_standard_is_right_and_of_another_path_wrong() {
        let key = BASE64_STANDARD.decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=").unwrap();
        let key: [u8; 32] = key.try_into().unwrap();
        let claim = Claim::read(&of_the_standard("/foo?param=Value&Pet=dog")).unwrap();
        assert!(claim.is_by(&key), "{}", claim.base);
        assert_eq!(claim.key, "test-key-ed25519");
        assert!(claim.covers(&["@method", "date"]).is_ok());
        assert!(
            matches!(claim.covers(&["@method", "content-digest"]), Err(Refusal::NotCovered(what)) if what == "content-digest")
        );
        assert!(claim.is_fresh(claim.created + WINDOW) && !claim.is_fresh(claim.created + WINDOW * 2));
        assert!(!Claim::read(&of_the_standard("/fooo")).unwrap().is_by(&key));
    }

    #[test]
    fn what_is_no_structured_field_or_is_not_taken_here_is_told() {
        let with = |input: &str| {
            let mut request = of_the_standard("/foo");
            request.headers.insert("signature-input", input.parse().unwrap());
            match Claim::read(&request) {
                Err(Refusal::Unreadable(what)) => what,
                other => panic!("{input}: {other:?}"),
            }
        };
        let rest = ";created=1;keyid=\"k\"";
        assert_eq!(with("sig-b26=("), "signature-input");
        assert_eq!(with("sig-b26=7"), "Signature-Input");
        assert_eq!(with(&format!("other=(\"date\"){rest}")), "Signature");
        assert_eq!(with(&format!("sig-b26=(\"date\" \"date\"){rest}")), "Signature-Input");
        assert_eq!(with(&format!("sig-b26=(\"date\";sf){rest}")), "Signature-Input");
        assert_eq!(with(&format!("sig-b26=(\"@query\"){rest}")), "@query");
        assert_eq!(with(&format!("sig-b26=(\"nothing\"){rest}")), "nothing");
        assert_eq!(with("sig-b26=(\"date\");created=1"), "keyid");
        assert_eq!(with("sig-b26=(\"date\");keyid=\"k\""), "created");
        assert_eq!(with(&format!("sig-b26=(\"date\"){rest};alg=\"hmac-sha256\"")), "alg");
    }

    #[test]
    fn the_digest_is_read_among_others() {
        let headers = |text: &str| HeaderMap::from_iter([("content-digest".parse().unwrap(), text.parse().unwrap())]);
        let of_nothing = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let found = digest(&headers(&format!("sha-512=:AAAA:, sha-256=:{of_nothing}:"))).unwrap();
        assert_eq!(BASE64_STANDARD.encode(found), of_nothing);
        assert!(matches!(digest(&headers("sha-256=:AAAA:")), Err(Refusal::NoDigest)));
        assert!(matches!(digest(&headers("sha-256")), Err(Refusal::NoDigest)));
        assert!(matches!(digest(&HeaderMap::new()), Err(Refusal::NoDigest)));
    }
}
