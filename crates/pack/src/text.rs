//! Words in the languages of a pack.

use serde::{Deserialize, Serialize};

/// A language of pages, letters and pack texts. Chinese is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Lang {
    #[default]
    #[serde(rename = "zh-CN")]
    Zh,
    #[serde(rename = "en")]
    En,
}

impl Lang {
    pub const ALL: [Lang; 2] = [Lang::Zh, Lang::En];

    /// The BCP 47 tag, as it stands in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }

    /// Reads a tag or a prefix of one (`zh`, `zh-Hans`, `en-GB`); `None` for other languages.
    pub fn from_tag(tag: &str) -> Option<Lang> {
        let tag = tag.trim().to_ascii_lowercase();
        if tag == "zh" || tag.starts_with("zh-") {
            Some(Lang::Zh)
        } else if tag == "en" || tag.starts_with("en-") {
            Some(Lang::En)
        } else {
            None
        }
    }
}

/// One text in the pack's languages. A language that the pack does not declare may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Text {
    pub zh: String,
    pub en: String,
}

/// A text as a file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    zh: Option<String>,
    en: Option<String>,
}

impl TryFrom<Written> for Text {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Text, Self::Error> {
        match written {
            Written { zh: None, en: None } => Err("a text in no language; write { zh = \"…\", en = \"…\" }"),
            Written { zh, en } => Ok(Text::new(zh.unwrap_or_default(), en.unwrap_or_default())),
        }
    }
}

impl Text {
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Text {
        Text { zh: zh.into(), en: en.into() }
    }

    /// The text in `lang`; in the other language where the pack has none.
    pub fn get(&self, lang: Lang) -> &str {
        let (own, other) = match lang {
            Lang::Zh => (&self.zh, &self.en),
            Lang::En => (&self.en, &self.zh),
        };
        if own.is_empty() { other } else { own }
    }
}
