//! Files that departments' systems send by themselves: signed requests, and what each wrong one is told.

use crate::office::{Office, office, whole};
use crate::support::{Browser, morning};
use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use ring::signature::Ed25519KeyPair;
use sha2::{Digest, Sha256};
use tower::ServiceExt;
use tuodi_store::journal;

const PATH: &str = "/api/feeds/DS26/files";

/// A request as a department's system would sign it; a test changes what it likes before it is sent.
struct Signed {
    pair: Ed25519KeyPair,
    method: Method,
    path: String,
    key: String,
    nonce: String,
    created: i64,
    body: &'static str,
    /// Of what is said to be the body.
    digest_of: &'static str,
    components: &'static [&'static str],
    after: Vec<(&'static str, String)>,
}

const ALL: &[&str] = &["@method", "@path", "content-digest", "content-disposition"];
const NAME: &str = "attachment; filename*=UTF-8''%E6%B0%B4%E8%A1%A8.csv";

impl Signed {
    fn new(key: &str, seed: u8, nonce: &str) -> Signed {
        Signed {
            pair: Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap(),
            method: Method::POST,
            path: PATH.to_owned(),
            key: key.to_owned(),
            nonce: nonce.to_owned(),
            created: morning().timestamp(),
            body: "a,b\n1,2\n",
            digest_of: "a,b\n1,2\n",
            components: ALL,
            after: Vec::new(),
        }
    }

    fn request(&self) -> Request<Body> {
        let digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(Sha256::digest(self.digest_of)));
        let list: Vec<String> = self.components.iter().map(|c| format!("\"{c}\"")).collect();
        let nonce = if self.nonce.is_empty() { String::new() } else { format!(";nonce=\"{}\"", self.nonce) };
        let params = format!("({});created={}{nonce};keyid=\"{}\"", list.join(" "), self.created, self.key);
        let mut base = String::new();
        for name in self.components {
            let value = match *name {
                "@method" => self.method.as_str(),
                "@path" => &self.path,
                "content-digest" => &digest,
                "content-disposition" => NAME,
                other => panic!("{other}"),
            };
            base += &format!("\"{name}\": {value}\n");
        }
        base += &format!("\"@signature-params\": {params}");
        let signature = BASE64_STANDARD.encode(self.pair.sign(base.as_bytes()));
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(&self.path)
            .header("accept-language", "en")
            .header("signature-input", format!("tuodi={params}"))
            .header("signature", format!("tuodi=:{signature}:"));
        if self.method == Method::POST {
            request = request.header("content-digest", digest).header(header::CONTENT_DISPOSITION, NAME);
        }
        let mut request = request.body(Body::from(self.body)).unwrap();
        for (name, value) in &self.after {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        request
    }
}

async fn ask(office: &Office, request: Request<Body>) -> (StatusCode, serde_json::Value) {
    let response = office.site.app.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    assert_eq!(kind == "application/problem+json", !status.is_success(), "{status} {kind}");
    assert_eq!(response.headers().contains_key("accept-signature"), status == StatusCode::UNAUTHORIZED);
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

/// Sends it and gives the last word of the problem's type, which must have a title and a remedy.
async fn refused(office: &Office, signed: &Signed) -> String {
    let (status, problem) = ask(office, signed.request()).await;
    assert_eq!(problem["status"], status.as_u16(), "{problem}");
    let text = |name: &str| problem[name].as_str().unwrap().to_owned();
    assert!(!text("title").is_empty() && !text("detail").is_empty(), "{problem}");
    text("type").strip_prefix("urn:tuodi:problem:").unwrap().to_owned()
}

/// Registers the public half of a pair on the source's page; the key's id.
async fn registered(office: &Office, browser: &mut Browser, seed: u8) -> String {
    use ring::signature::KeyPair;
    let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    let public = BASE64_STANDARD.encode(pair.public_key().as_ref());
    let page = browser.get("/bureau/data/DS26/ways").await;
    let fields = [("label", "水务集团营业系统"), ("public", public.as_str())];
    let made = browser.post(&page, "/bureau/data/DS26/keys", &fields).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    assert!(!made.body.contains("BEGIN PRIVATE KEY"));
    let keys = tuodi_inbox::sender_keys(&office.site.store, "DS26").await.unwrap();
    keys.into_iter().find(|k| k.public == pair.public_key().as_ref()).unwrap().id
}

async fn journalled(office: &Office) -> Vec<String> {
    let entries = journal::entries_of(&office.site.store, "source:DS26").await.unwrap();
    let act = |e: journal::JournalRow| match e.details["why"].as_str() {
        Some(why) => format!("{} {why}", e.act),
        None => e.act,
    };
    entries.into_iter().map(act).collect()
}

#[tokio::test]
async fn a_signed_file_becomes_one_job_however_often_it_is_sent() {
    let office = office().await;
    let mut steward = Browser::new(&office.site);
    steward.sign_in("steward").await;
    let key = registered(&office, &mut steward, 7).await;
    let (status, told) = ask(&office, Signed::new(&key, 7, "n1").request()).await;
    assert_eq!((status, told["stage"].as_str()), (StatusCode::ACCEPTED, Some("taking")), "{told}");
    let job = tuodi_inbox::find(&office.site.store, told["job"].as_str().unwrap()).await.unwrap();
    assert_eq!((job.file_name.as_str(), job.account), ("水表.csv", format!("key:{key}")));
    assert_eq!(office.ways.file(&job.id).unwrap(), b"a,b\n1,2\n");
    // The same request again is a replay; the same file signed again is the same job.
    assert_eq!(refused(&office, &Signed::new(&key, 7, "n1")).await, "replayed");
    let (status, again) = ask(&office, Signed::new(&key, 7, "n2").request()).await;
    assert_eq!((status, &again["job"]), (StatusCode::OK, &told["job"]));
    assert_eq!(office.ways.files(), 1);
    // What became of it, to whoever holds a key of the source.
    let mut question = Signed::new(&key, 7, "");
    (question.method, question.path) = (Method::GET, told["href"].as_str().unwrap().to_owned());
    (question.components, question.body) = (&ALL[..2], "");
    let (status, standing) = ask(&office, question.request()).await;
    assert_eq!((status, &standing["job"]), (StatusCode::OK, &told["job"]));
    question.path = format!("{PATH}/none");
    assert_eq!(refused(&office, &question).await, "no_file");
    let acts = journalled(&office).await;
    assert_eq!(acts, ["data.key_admit", "data.push", "data.push_refuse replayed", "data.push"], "{acts:?}");
}

#[tokio::test]
async fn every_wrong_request_is_told_what_is_wrong_and_leaves_nothing_but_its_entry() {
    let office = office().await;
    let mut steward = Browser::new(&office.site);
    steward.sign_in("steward").await;
    let key = registered(&office, &mut steward, 7).await;
    let good = || Signed::new(&key, 7, "n1");
    let (unsigned, big) =
        (Request::post(PATH).body(Body::empty()).unwrap(), "x".repeat(crate::office::ways::LIMIT as usize + 1));
    assert_eq!(ask(&office, unsigned).await.1["type"], "urn:tuodi:problem:unsigned");
    let big: &'static str = Box::leak(big.into_boxed_str());
    let cases: Vec<(&str, Signed)> = vec![
        ("no_source", Signed { path: "/api/feeds/DS99/files".to_owned(), ..good() }),
        ("unreadable", Signed { after: vec![("signature", "tuodi=1".to_owned())], ..good() }),
        ("not_covered", Signed { components: &ALL[..2], ..good() }),
        ("not_covered", Signed { components: &ALL[..3], ..good() }),
        ("no_nonce", Signed { nonce: String::new(), ..good() }),
        ("no_digest", Signed { after: vec![("content-digest", "md5=:AAAA:".to_owned())], ..good() }),
        ("stale", Signed { created: morning().timestamp() - 301, ..good() }),
        ("stale", Signed { created: morning().timestamp() + 301, ..good() }),
        ("unknown_key", Signed { key: "nobody".to_owned(), ..good() }),
        ("unknown_key", Signed { path: "/api/feeds/DS09/files".to_owned(), ..good() }),
        ("wrong_signature", Signed { pair: Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap(), ..good() }),
        (
            "wrong_signature",
            Signed { after: vec![(header::CONTENT_DISPOSITION.as_str(), "inline".to_owned())], ..good() },
        ),
        ("too_large", Signed { body: big, digest_of: big, ..good() }),
        ("wrong_digest", Signed { body: "a,b\n1,3\n", nonce: "n2".to_owned(), ..good() }),
        ("empty", Signed { body: "", digest_of: "", nonce: "n3".to_owned(), ..good() }),
    ];
    for (expected, signed) in &cases {
        assert_eq!(refused(&office, signed).await, *expected);
    }
    assert_eq!(office.ways.files(), 0, "nothing stays behind");
    let acts = journalled(&office).await;
    for (why, _) in cases.iter().filter(|(why, s)| *why != "no_source" && s.path == PATH) {
        assert!(acts.contains(&format!("data.push_refuse {why}")), "{why}: {acts:?}");
    }
    // Revoked: said to the holder of the key, and nothing comes under it any more.
    let page = steward.get("/bureau/data/DS26/ways").await;
    let answer = steward.post(&page, &format!("/bureau/data/DS26/keys/{key}/revoke"), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(refused(&office, &Signed { nonce: "n9".to_owned(), ..good() }).await, "revoked");
    let (status, problem) = ask(&office, Request::delete(PATH).body(Body::empty()).unwrap()).await;
    assert_eq!(
        (status, problem["title"].as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, Some("这个地址不接受这种请求方法"))
    );
    let (status, _) = ask(&office, Request::get("/api/nothing").body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_stewards_make_keys_and_a_private_half_is_shown_once() {
    let office = office().await;
    let mut steward = Browser::new(&office.site);
    steward.sign_in("steward").await;
    let page = steward.get("/bureau/data/DS26/ways?lang=en").await;
    whole(&page, "ways of a source");
    let made = steward.post(&page, "/bureau/data/DS26/keys", &[("label", "Waterworks"), ("public", "")]).await;
    whole(&made, "the key made");
    assert!(made.body.contains("BEGIN PRIVATE KEY"));
    let page = steward.get("/bureau/data/DS26/ways?lang=zh-CN").await;
    whole(&page, "ways of a source");
    assert!(page.body.contains("Waterworks") && !page.body.contains("PRIVATE KEY"));
    let seed = made.body.lines().find(|l| l.starts_with("MC4CAQAwBQYDK2Vw")).expect("PKCS#8 of Ed25519");
    let stored = tuodi_inbox::sender_keys(&office.site.store, "DS26").await.unwrap().remove(0);
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&BASE64_STANDARD.decode(seed).unwrap()).unwrap();
    assert_eq!(ring::signature::KeyPair::public_key(&pair).as_ref(), stored.public);
    for (fields, words) in [
        ([("label", " "), ("public", "")], "请写明是哪个系统"),
        ([("label", "x"), ("public", "nonsense")], "这不是 Ed25519 公钥"),
        ([("label", "x"), ("public", "-----BEGIN PRIVATE KEY-----\nMC4C\n")], "这是私钥"),
    ] {
        let answer = steward.post(&page, "/bureau/data/DS26/keys", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(words) && !answer.body.contains("MC4C"), "{words}");
        whole(&answer, "the form again");
    }
    let mut district = Browser::new(&office.site);
    district.sign_in("district").await;
    let page = district.get("/bureau/data/DS26/ways").await;
    assert!(page.status == StatusCode::OK && !page.body.contains("name=\"public\""));
    let answer = district.post(&page, "/bureau/data/DS26/keys", &[("label", "x"), ("public", "")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(steward.get("/bureau/data/DS99/ways").await.status, StatusCode::NOT_FOUND);
}

/// A question of the province's check platform, signed with the key of this seed.
fn question(key: &str, nonce: &str, change: impl FnOnce(&mut serde_json::Value)) -> Signed {
    let mut question = serde_json::json!({
        "key": "P-1-DS12", "report": "P-1", "source": "social_insurance", "version": 1, "purpose": "assistance",
        "as_of": "2026-11-19",
        "people": [
            { "reference": "1", "id_no": "990102195703160028", "name": "刘桂芬", "authorisation": "P-77" },
            { "reference": "2", "id_no": "990102198309200021", "name": "柳秀英", "authorisation": "P-78" },
        ],
    });
    change(&mut question);
    let body: &'static str = Box::leak(question.to_string().into_boxed_str());
    Signed {
        path: "/api/relays/province/questions".to_owned(),
        body,
        digest_of: body,
        components: &ALL[..3],
        ..Signed::new(key, 9, nonce)
    }
}

#[tokio::test]
async fn another_check_platform_is_told_by_agreement_and_authorisation_only() {
    let office = office().await;
    let send = async |mut signed: Signed| {
        let mut request = signed.request();
        // The name of a file is no part of a question.
        request.headers_mut().remove(header::CONTENT_DISPOSITION);
        signed.body = "";
        let response = office.site.app.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice::<serde_json::Value>(&body).unwrap())
    };
    let mut browser = Browser::new(&office.site);
    browser.sign_in("steward").await;
    let page = browser.get("/bureau/data/relays").await;
    whole(&page, "/bureau/data/relays");
    assert!(page.body.contains("省级核对平台") && page.body.contains("协议有效"), "{}", page.body);
    let unnamed = browser.post(&page, "/bureau/data/relay:province/keys", &[("label", ""), ("public", "")]).await;
    assert_eq!(unnamed.status, StatusCode::UNPROCESSABLE_ENTITY);
    use ring::signature::KeyPair;
    let pair = Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let public = BASE64_STANDARD.encode(pair.public_key().as_ref());
    let fields = [("label", "province"), ("public", public.as_str())];
    let made = browser.post(&page, "/bureau/data/relay:province/keys", &fields).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let keys = tuodi_inbox::sender_keys(&office.site.store, "relay:province").await.unwrap();
    let key = keys[0].id.clone();

    let (status, told) = send(question(&key, "n1", |_| ())).await;
    assert_eq!(status, StatusCode::OK, "{told}");
    assert_eq!(told["key"], "P-1-DS12");
    let said = |at: usize| told["answers"][at]["status"].as_str().unwrap().to_owned();
    assert_eq!((said(0), said(1)), ("found".to_owned(), "none".to_owned()));
    assert_eq!(told["answers"][0]["rows"][0]["amount"], 1_724);
    let again = send(question(&key, "n2", |_| ())).await;
    assert_eq!(again, (StatusCode::OK, told), "asked again it is answered as the first time");
    let (status, problem) = send(question(&key, "n2", |_| ())).await;
    assert_eq!((status, problem["type"].as_str()), (StatusCode::CONFLICT, Some("urn:tuodi:problem:replayed")));

    let past = |q: &mut serde_json::Value| (q["key"], q["as_of"]) = ("P-7-DS12".into(), "2020-01-01".into());
    let (status, told) = send(question(&key, "n5", past)).await;
    assert_eq!(status, StatusCode::OK, "the agreement is that of today, whatever day is asked about: {told}");

    type Change = fn(&mut serde_json::Value);
    let declined: [(&str, Change); 5] = [
        ("authorisation", |q| q["people"][1]["authorisation"] = "".into()),
        ("source", |q| q["source"] = "financial_assets".into()),
        ("purpose", |q| q["purpose"] = "payment_overlap".into()),
        ("day to come", |q| q["as_of"] = "2027-01-01".into()),
        ("another question", |q| q["report"] = "P-2".into()),
    ];
    for (n, (why, change)) in declined.into_iter().enumerate() {
        let (status, said) = send(question(&key, &format!("d{n}"), change)).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{said}");
        assert!(said["reason"].as_str().unwrap().contains(why), "{said}");
    }
    let strange = Signed { path: "/api/relays/nobody/questions".to_owned(), ..question(&key, "n3", |_| ()) };
    assert_eq!(send(strange).await.0, StatusCode::NOT_FOUND);
    let forged =
        Signed { pair: Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap(), ..question(&key, "n4", |_| ()) };
    assert_eq!(send(forged).await.0, StatusCode::UNAUTHORIZED);

    let entries = journal::entries_of(&office.site.store, "relay:province").await.unwrap();
    let count = |act: &str| entries.iter().filter(|e| e.act == act).count();
    assert_eq!((count("verification.relayed"), count("verification.relay_refused")), (2, 5));
    assert!(entries.iter().all(|e| !e.details.to_string().contains("990102")), "nobody's number in the journal");
}
