//! What a page offers to be filled in and followed.

use html5gum::{StartTag, Token, Tokenizer};

#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    /// As the element or its type says: `text`, `radio`, `select`, `textarea`, `hidden`.
    pub kind: String,
    /// What is sent if nobody touches it.
    pub value: String,
}

impl Field {
    /// Somebody types it, so that it must still be there when something is to be mended.
    pub fn is_typed(&self) -> bool {
        ["text", "textarea", "tel", "number", "date", "search", "email", "month", "password"]
            .contains(&self.kind.as_str())
    }
}

#[derive(Debug, Clone)]
pub struct Form {
    pub action: String,
    pub post: bool,
    pub file: bool,
    pub fields: Vec<Field>,
}

fn tokens(page: &str) -> impl Iterator<Item = Token> {
    Tokenizer::new(page).map(|token| match token {
        Ok(token) => token,
        Err(never) => match never {},
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    tag.attributes.get(name.as_bytes()).map(|value| text(value))
}

/// The forms of a page in their order; one without an action is sent to where the page is.
pub fn forms_of(page: &str, at: &str) -> Vec<Form> {
    let (mut forms, mut inside, mut written) = (Vec::<Form>::new(), false, false);
    // The list being read has a choice that is marked; without one the last counts.
    let mut marked = false;
    for token in tokens(page) {
        match token {
            Token::StartTag(tag) => {
                let of = |name: &str| attribute(&tag, name);
                match &*text(&tag.name) {
                    "form" => {
                        inside = true;
                        forms.push(Form {
                            action: of("action").filter(|a| !a.is_empty()).unwrap_or_else(|| at.to_owned()),
                            post: of("method").is_some_and(|m| m.eq_ignore_ascii_case("post")),
                            file: of("enctype").is_some_and(|e| e.starts_with("multipart")),
                            fields: Vec::new(),
                        });
                    }
                    kind @ ("input" | "textarea" | "select") if inside => {
                        let (name, value) = (of("name").unwrap_or_default(), of("value").unwrap_or_default());
                        let kind =
                            if kind == "input" { of("type").unwrap_or("text".to_owned()) } else { kind.to_owned() };
                        (written, marked) = (kind == "textarea", false);
                        forms.last_mut().expect("a form is open").fields.push(Field { name, kind, value });
                    }
                    "option" if inside && !marked => {
                        let list = forms.last_mut().and_then(|form| form.fields.last_mut()).expect("a list is open");
                        list.value = of("value").unwrap_or_default();
                        marked = of("selected").is_some();
                    }
                    _ => {}
                }
            }
            Token::String(said) if written => {
                forms.last_mut().and_then(|f| f.fields.last_mut()).expect("a field is open").value += &text(&said);
            }
            Token::EndTag(tag) => match &*text(&tag.name) {
                "form" => inside = false,
                "textarea" => written = false,
                _ => {}
            },
            _ => {}
        }
    }
    for form in &mut forms {
        form.fields.retain(|field| !field.name.is_empty());
    }
    forms
}

/// Where the links of a page lead.
pub fn links_of(page: &str) -> Vec<String> {
    let link = |token| match token {
        Token::StartTag(tag) if text(&tag.name) == "a" => attribute(&tag, "href"),
        _ => None,
    };
    tokens(page).filter_map(link).collect()
}
