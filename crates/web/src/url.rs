//! Addresses: query strings and safe ways back.

/// Escapes a value for a query string.
pub fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The path with one query value set and the others kept. An empty value takes it away; another filter starts at page 1.
pub fn with_query(path: &str, query: &str, name: &str, value: &str) -> String {
    let dropped = |pair: &str| {
        let key = pair.split('=').next().unwrap_or_default();
        pair.is_empty() || key == name || (key == "page" && name != "page")
    };
    let mut pairs: Vec<String> = query.split('&').filter(|p| !dropped(p)).map(str::to_owned).collect();
    if !value.is_empty() {
        pairs.push(format!("{name}={}", escape(value)));
    }
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// A way back within this site; anything else becomes `None`, so that a link cannot send a person elsewhere after signing in.
pub fn local(address: &str) -> Option<&str> {
    let second = address.as_bytes().get(1);
    let inside = address.starts_with('/') && !matches!(second, Some(b'/' | b'\\'));
    (inside && !address.contains(['\r', '\n', '\\'])).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_a_filter_keeps_the_others_and_starts_at_the_first_page() {
        assert_eq!(with_query("/desk", "cut=mine&page=3", "state", "checking"), "/desk?cut=mine&state=checking");
        assert_eq!(with_query("/desk", "cut=mine&page=3", "page", "4"), "/desk?cut=mine&page=4");
        assert_eq!(with_query("/desk", "cut=mine", "cut", ""), "/desk");
        assert_eq!(with_query("/desk", "", "q", "李 四"), "/desk?q=%E6%9D%8E%20%E5%9B%9B");
    }

    #[test]
    fn the_way_back_never_leaves_the_site() {
        assert_eq!(local("/citizen?lang=en"), Some("/citizen?lang=en"));
        for outside in ["//evil.example", "https://evil.example", "/\\evil.example", "", "citizen", "/a\r\nb"] {
            assert_eq!(local(outside), None, "{outside:?}");
        }
    }
}
