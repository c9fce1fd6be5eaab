//! A browser without JavaScript over the site's router. Also for the tests of the whole product.

#![allow(dead_code, reason = "each program of tests uses a part")]

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use tower::ServiceExt;

/// A signature as a page's canvas gives it.
pub const DRAWN: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAAAAACMmsGiAAAAEElEQVR4nGNQ+P9fgQGVAABZxAj5LKh4LwAAAABJRU5ErkJggg==";

/// How two visitors and the family sign a visit on the screen.
pub const SIGNED: [(&str, &str); 6] = [
    ("mark.0", "drawn"),
    ("ink.0", DRAWN),
    ("mark.1", "drawn"),
    ("ink.1", DRAWN),
    ("signed", "drawn"),
    ("ink.family", DRAWN),
];

pub const PASSWORD: &str = "correct horse battery";

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |v| v.to_str().expect("an ASCII address"))
    }

    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> String {
        let mark = format!("name=\"{name}\" value=\"");
        let from = self.body.find(&mark).unwrap_or_else(|| panic!("no field {name} in:\n{}", self.body)) + mark.len();
        self.body[from..].split('"').next().unwrap_or_default().to_owned()
    }
}

/// A browser without JavaScript: keeps cookies, follows nothing by itself.
pub struct Browser {
    app: Router,
    cookies: Vec<(String, String)>,
}

impl Browser {
    pub fn over(app: Router) -> Browser {
        Browser { app, cookies: Vec::new() }
    }

    async fn send(&mut self, method: Method, address: &str, body: Option<String>) -> Answer {
        self.send_as(method, address, "application/x-www-form-urlencoded", body.map(String::into_bytes)).await
    }

    /// Posts a form with a file, its fields in this order; the file's field is `file`.
    pub async fn upload(&mut self, address: &str, fields: &[(&str, &str)], name: &str, file: &str) -> Answer {
        self.parts(address, fields, ("file", name, file.as_bytes())).await
    }

    /// The same with the file's field named: field, name of the file (empty: none was chosen) and its bytes.
    pub async fn parts(&mut self, address: &str, fields: &[(&str, &str)], file: (&str, &str, &[u8])) -> Answer {
        let mut body = Vec::new();
        for (field, value) in fields {
            let part = format!("--edge\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let (field, name, bytes) = file;
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        self.send_as(Method::POST, address, "multipart/form-data; boundary=edge", Some(body)).await
    }

    async fn send_as(&mut self, method: Method, address: &str, kind: &str, body: Option<Vec<u8>>) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let mut request = Request::builder().method(method).uri(address).header(header::COOKIE, cookies.join("; "));
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let request = request.body(body.map_or_else(Body::empty, Body::from)).expect("a request");
        let response = self.app.clone().oneshot(request).await.expect("the site answers");
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().expect("ASCII").split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.retain(|(n, _)| n != name);
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        let body = to_bytes(body, 1 << 20).await.expect("a body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            // Pages are UTF-8; a downloaded workbook is not.
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    pub async fn get(&mut self, address: &str) -> Answer {
        self.send(Method::GET, address, None).await
    }

    /// Posts exactly these fields.
    pub async fn post_raw(&mut self, address: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs: Vec<String> = fields.iter().map(|(n, v)| format!("{}={}", escape(n), escape(v))).collect();
        self.send(Method::POST, address, Some(pairs.join("&"))).await
    }

    /// Posts the form of a page, with its token.
    pub async fn post(&mut self, page: &Answer, address: &str, fields: &[(&str, &str)]) -> Answer {
        let token = page.hidden("csrf");
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.post_raw(address, &all).await
    }

    /// Posts the form of a page that may carry files, without one.
    pub async fn post_parts(&mut self, page: &Answer, address: &str, fields: &[(&str, &str)]) -> Answer {
        let token = page.hidden("csrf");
        let mut all = vec![("csrf", token.as_str())];
        all.extend_from_slice(fields);
        self.parts(address, &all, ("photo", "", b"")).await
    }

    pub async fn sign_in(&mut self, account: &str) {
        let page = self.get("/login").await;
        let answer = self.post(&page, "/login", &[("account", account), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
