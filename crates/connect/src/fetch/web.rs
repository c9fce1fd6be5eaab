//! A source's rows over HTTP: `GET`, the key as bearer token. JSON becomes one object a line, page by page; anything else
//! (CSV, XLSX, JSON lines, Parquet, ZIP) is the file itself.

use super::{
    Counted, FetchError, Fetched,
    json::{Page, rows},
};
use crate::http::{LONGEST_PAUSE, kind};
use std::{
    io::{Read, Write},
    time::{Duration, Instant},
};

/// A list that leads from page to page for longer than this leads nowhere.
const MOST_PAGES: u32 = 100_000;

pub fn fetch<W: Write>(
    source: &str,
    url: &str,
    key: Option<&str>,
    timeout: Duration,
    mut out: Counted<W>,
) -> Result<(Fetched, W), FetchError> {
    let until = Instant::now() + timeout;
    let mut address = url.to_owned();
    let (mut count, mut promised) = (0_u64, None);
    for _ in 0..MOST_PAGES {
        let left = until.checked_duration_since(Instant::now()).ok_or(FetchError::Silent)?;
        let mut response = ask(&address, key, left)?;
        let about = response.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default();
        let about = about.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let body = response.body_mut().with_config().limit(u64::MAX).reader();
        if about != "application/json" {
            if address != url {
                return Err(FetchError::Garbled("a later page is no JSON".to_owned()));
            }
            return whole(source, &about, body, out);
        }
        let page: Page = rows(body, &mut |line| out.put(line))?;
        count += page.rows;
        promised = page.total.or(promised);
        match page.next {
            Some(next) => address = beside(url, &next)?,
            None => {
                // Half a list is worse than none: what is missing would look like what has ended.
                if let Some(total) = promised.filter(|&total| total != count) {
                    return Err(FetchError::Garbled(format!("{total} rows were promised and {count} came")));
                }
                return out.finish(format!("{source}.jsonl"));
            }
        }
    }
    Err(FetchError::Garbled("its pages have no end".to_owned()))
}

fn ask(url: &str, key: Option<&str>, left: Duration) -> Result<ureq::http::Response<ureq::Body>, FetchError> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(left))
        .http_status_as_error(false)
        // The key goes where the installation sends it and nowhere else.
        .max_redirects(0)
        .proxy(None)
        .build()
        .into();
    let mut request = agent.get(url).header("Accept", "application/json, application/x-ndjson, text/csv, */*;q=0.5");
    if let Some(key) = key {
        request = request.header("Authorization", format!("Bearer {key}"));
    }
    let response = request.call().map_err(|error| match error {
        ureq::Error::Timeout(_) => FetchError::Silent,
        other => FetchError::Unreachable(kind(&other)),
    })?;
    match response.status().as_u16() {
        200 => Ok(response),
        status @ (429 | 503) => {
            let after = response.headers().get("retry-after").and_then(|v| v.to_str().ok()?.trim().parse().ok());
            match (status, after) {
                (503, None) => Err(FetchError::Unreachable("it answers 503".to_owned())),
                _ => Err(FetchError::Busy { after_seconds: after.map(|s: u32| s.min(LONGEST_PAUSE)) }),
            }
        }
        status @ (401 | 403) => Err(FetchError::Refused(format!("it answers {status}"))),
        other => Err(FetchError::Unreachable(format!("it answers {other}"))),
    }
}

/// The next page lies on the same machine: the key goes nowhere else.
fn beside(url: &str, next: &str) -> Result<String, FetchError> {
    let origin = |url: &str| -> Option<usize> {
        let from = url.find("://")? + 3;
        Some(url[from..].find(['/', '?', '#']).map_or(url.len(), |n| from + n))
    };
    let strange = || FetchError::Garbled("its next page lies elsewhere".to_owned());
    let home = origin(url).map(|n| &url[..n]).ok_or_else(strange)?;
    if next.starts_with('/') && !next.starts_with("//") {
        return Ok(format!("{home}{next}"));
    }
    match origin(next).map(|n| &next[..n]) {
        Some(there) if there == home => Ok(next.to_owned()),
        _ => Err(strange()),
    }
}

fn whole<W: Write>(
    source: &str,
    about: &str,
    mut body: impl Read,
    mut out: Counted<W>,
) -> Result<(Fetched, W), FetchError> {
    let mut block = vec![0; 64 << 10];
    loop {
        match body.read(&mut block) {
            Ok(0) => break,
            Ok(n) => out.put(&block[..n])?,
            Err(error) => return Err(broken_off(&error)),
        }
    }
    if out.bytes == 0 {
        return Err(FetchError::Garbled("the reply is empty".to_owned()));
    }
    let ending = match about {
        "application/zip" => "zip",
        "application/x-ndjson" | "application/jsonl" => "jsonl",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "application/vnd.ms-excel" => "xls",
        "application/vnd.apache.parquet" => "parquet",
        "text/csv" | "text/plain" => "csv",
        "text/html" => return Err(FetchError::Garbled("it answers with a page for people".to_owned())),
        _ => "dat",
    };
    out.finish(format!("{source}.{ending}"))
}

pub fn broken_off(error: &std::io::Error) -> FetchError {
    match error.kind() {
        std::io::ErrorKind::TimedOut => FetchError::Silent,
        kind => FetchError::Garbled(format!("the reply broke off: {kind}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_asked_of_the_same_machine_only() {
        let next = |to: &str| beside("https://water.example:8443/export?m=7", to).ok();
        assert_eq!(next("/export?page=2").as_deref(), Some("https://water.example:8443/export?page=2"));
        let same = "https://water.example:8443/b";
        assert_eq!(next(same).as_deref(), Some(same));
        for elsewhere in ["https://other.example/b", "http://water.example:8443/b", "//other.example/b", "b", ""] {
            assert_eq!(next(elsewhere), None, "{elsewhere}");
        }
    }
}
