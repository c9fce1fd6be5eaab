//! Codes of the field with their words: what is stored, and how it reads in both languages.

/// An enum whose variants each have the code that is stored and sent (glossary) and a Chinese and an English word:
/// `Name { Variant = "code", "中文", "English"; … }`. The crate that uses it needs `serde`.
#[macro_export]
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $id:literal, $zh:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $id)] $variant,)+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The stored code (glossary).
            pub fn id(self) -> &'static str {
                match self { $($name::$variant => $id,)+ }
            }

            pub fn from_id(id: &str) -> Option<$name> {
                match id { $($id => Some($name::$variant),)+ _ => None }
            }

            pub fn text(self) -> $crate::Text {
                match self { $($name::$variant => $crate::Text::new($zh, $en),)+ }
            }

            pub fn title(self, lang: $crate::Lang) -> &'static str {
                match (self, lang) {
                    $(($name::$variant, $crate::Lang::Zh) => $zh, ($name::$variant, $crate::Lang::En) => $en,)+
                }
            }
        }
    };
}
