//! Words in the languages of a pack.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};

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

/// A remark of a pack's authors for those who work with it: in the pack's languages, or a plain string in the one language
/// that its authors write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note(Text);

impl Note {
    pub fn get(&self, lang: Lang) -> &str {
        self.0.get(lang)
    }

    pub fn is_empty(&self) -> bool {
        self.0.zh.is_empty() && self.0.en.is_empty()
    }
}

impl<'de> Deserialize<'de> for Note {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Note, D::Error> {
        struct Remark;

        impl<'de> Visitor<'de> for Remark {
            type Value = Note;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text, or { zh = \"…\", en = \"…\" }")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Note, E> {
                Ok(Note(Text::new(text, text)))
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Note, M::Error> {
                Text::deserialize(MapAccessDeserializer::new(map)).map(Note)
            }
        }

        deserializer.deserialize_any(Remark)
    }
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
