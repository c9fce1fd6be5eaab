//! Keys of systems that send by themselves: made or registered, revoked. A private half made here is shown once and kept
//! nowhere.

use super::source::{show, source};
use crate::{
    Cx, PageResult, View, WebError,
    bureau::{acting, nav},
    desk::nav::NavGroup,
    form::{Fields, Problems},
};
use askama::Template;
use axum::{Form, extract::Path};
use base64::{Engine, prelude::BASE64_STANDARD};
use ring::signature::{Ed25519KeyPair, KeyPair};

/// Longest name of a key, in characters.
const LABEL: usize = 80;
/// What stands before the 32 bytes of a key in DER: PKCS#8 and SubjectPublicKeyInfo of Ed25519 (RFC 8410).
const PRIVATE: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
const PUBLIC: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];

#[derive(Template)]
#[template(path = "bureau/ways/key_made.html")]
struct KeyMadePage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    title: &'a str,
    back: String,
    id: String,
    label: String,
    /// PEM; none where the department keeps its own.
    private: Option<String>,
    address: String,
}

/// Whose key it is: a source's, or another check platform's.
struct Owner<'a> {
    title: &'a str,
    /// Where its requests go.
    address: String,
    /// The page of its keys.
    back: String,
}

fn owner<'a>(cx: &'a Cx, id: &str) -> Result<Owner<'a>, WebError> {
    if let Some(relay) = id.strip_prefix("relay:") {
        let found = cx.state.pack.verification.relay(relay).ok_or(WebError::NotFound)?;
        return Ok(Owner {
            title: cx.text(&found.title),
            address: format!("/api/relays/{relay}/questions"),
            back: "/bureau/data/relays".to_owned(),
        });
    }
    let source = source(cx, id)?;
    Ok(Owner {
        title: cx.text(&source.title),
        address: format!("/api/feeds/{id}/files"),
        back: format!("/bureau/data/{}/ways", crate::url::escape(id)),
    })
}

fn room(cx: &Cx) -> Result<tuodi_inbox::Cx, WebError> {
    let acting = acting(cx)?;
    Ok(tuodi_inbox::Cx { store: acting.store, access: acting.access, actor: acting.actor, now: acting.now })
}

/// A public key as `openssl pkey -pubout` writes it, or its base64 alone.
fn public_key(text: &str) -> Option<[u8; 32]> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("-----"));
    let text: String = lines.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    bytes.strip_prefix(&PUBLIC).unwrap_or(&bytes).try_into().ok()
}

fn private_pem(seed: &[u8; 32]) -> String {
    let der = [&PRIVATE[..], seed].concat();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64_STANDARD.encode(der))
}

pub async fn admit(cx: Cx, Path(id): Path<String>, Form(typed): Form<Fields>) -> PageResult {
    let room = room(&cx)?;
    let owner = owner(&cx, &id)?;
    let field = |name: &str| typed.get(name).map(|t| t.trim()).unwrap_or_default();
    let mut problems = Problems::default();
    let label = field("label");
    if label.is_empty() || label.chars().count() > LABEL {
        problems.add("label", cx.t("ways.problem.label"));
    }
    let given = field("public");
    if given.contains("PRIVATE") {
        problems.add("public", cx.t("ways.problem.private_key"));
    } else if !given.is_empty() && public_key(given).is_none() {
        problems.add("public", cx.t("ways.problem.public_key"));
    }
    if !problems.is_empty() {
        let mut typed = typed.clone();
        if given.contains("PRIVATE") {
            typed.remove("public");
        }
        return match id.strip_prefix("relay:") {
            Some(relay) => super::relays::show(&cx, relay, &typed, problems).await,
            None => show(&cx, &id, &typed, problems).await,
        };
    }
    let (public, private) = match public_key(given) {
        Some(public) => (public, None),
        None => {
            let seed: [u8; 32] = rand::random();
            let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|e| WebError::Fault(e.to_string().into()))?;
            let public = pair.public_key().as_ref().try_into().map_err(WebError::fault)?;
            (public, Some(private_pem(&seed)))
        }
    };
    let made = tuodi_inbox::admit_key(&room, &id, label, public).await?;
    cx.page(&KeyMadePage {
        v: &cx,
        nav: nav(&cx),
        title: owner.title,
        back: owner.back.clone(),
        address: owner.address,
        id: made.id,
        label: made.label,
        private,
    })
}

pub async fn revoke(cx: Cx, Path((id, key)): Path<(String, String)>) -> PageResult {
    let owner = owner(&cx, &id)?;
    tuodi_inbox::revoke_key(&room(&cx)?, &id, &key).await?;
    cx.go(owner.back)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_key_is_read_as_openssl_writes_it() {
        let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=\n-----END PUBLIC KEY-----\n";
        let bare = "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=";
        assert!(public_key(pem).is_some() && public_key(pem) == public_key(bare));
        // The beginning of one of another kind, or half of one.
        assert_eq!(public_key("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"), None);
        assert_eq!(public_key("JrQLj5P/89iXES9+vFgrIw=="), None);
    }
}
