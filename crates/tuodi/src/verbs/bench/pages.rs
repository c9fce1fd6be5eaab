//! Pages out of the router, as a browser without JavaScript asks for them.

use crate::error::VerbError;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use tower::ServiceExt;

/// One browser that is signed in.
#[derive(Clone)]
pub struct Session {
    app: Router,
    cookies: String,
}

pub struct Answered {
    pub status: StatusCode,
    set: Vec<String>,
    pub body: String,
}

impl Answered {
    /// The value of a hidden field; none where the page has no such field.
    pub fn hidden(&self, name: &str) -> Option<&str> {
        let mark = format!("name=\"{name}\"");
        self.body.split(&mark).nth(1)?.split("value=\"").nth(1)?.split('"').next()
    }
}

impl Session {
    /// Signs in as an account of the demonstration.
    pub async fn open(app: &Router, account: &str) -> Result<Session, VerbError> {
        let mut session = Session { app: app.clone(), cookies: String::new() };
        let page = session.get("/login").await?;
        session.cookies = page.set.join("; ");
        let answer = session.post(&page, "/login/demo", &[("account", account)]).await?;
        if !answer.status.is_redirection() {
            return Err(VerbError::Refused(format!(
                "signing in as {account} answered {}; make the demo accounts with `tuodi user demo`",
                answer.status
            )));
        }
        session.cookies = page.set.into_iter().chain(answer.set).collect::<Vec<_>>().join("; ");
        Ok(session)
    }

    pub async fn get(&self, uri: &str) -> Result<Answered, VerbError> {
        let request = Request::get(uri).header(header::COOKIE, &self.cookies).body(Body::empty());
        self.answer(request.expect("a plain request")).await
    }

    /// Posts a form of a page, with its token.
    pub async fn post(&self, page: &Answered, uri: &str, fields: &[(&str, &str)]) -> Result<Answered, VerbError> {
        let token =
            page.hidden("csrf").ok_or_else(|| VerbError::Refused(format!("the page before {uri} has no form")))?;
        let pairs = [("csrf", token)].into_iter().chain(fields.iter().copied());
        let body =
            pairs.map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect::<Vec<_>>().join("&");
        let request = Request::post(uri)
            .header(header::COOKIE, &self.cookies)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body));
        self.answer(request.expect("a plain request")).await
    }

    async fn answer(&self, request: Request<Body>) -> Result<Answered, VerbError> {
        let response = match self.app.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status();
        let cookies = response.headers().get_all(header::SET_COOKIE).iter();
        let set = cookies.filter_map(|v| v.to_str().ok()?.split(';').next().map(str::to_owned)).collect();
        let body = to_bytes(response.into_body(), 16 << 20).await;
        let body = body.map_err(|e| VerbError::Refused(format!("the page could not be read: {e}")))?;
        Ok(Answered { status, set, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

fn escape(text: &str) -> String {
    let one = |b: u8| match b.is_ascii_alphanumeric() {
        true => char::from(b).to_string(),
        false => format!("%{b:02X}"),
    };
    text.bytes().map(one).collect()
}
