//! The code on a paper form: case, edition, digest of what is printed, and a keyed hash over them that nobody outside the
//! installation can make up. It names no person.

use crate::CaseNo;
use std::fmt;
use tuodi_store::Keys;

/// `QY26-00001.2.4f0a1b2c3d4e.9a8b7c6d5e4f3a2b`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormCode {
    pub case: CaseNo,
    pub edition: i32,
    digest: String,
    sign: String,
}

const DIGITS: usize = 12;

impl FormCode {
    pub(super) fn new(keys: &Keys, case: &CaseNo, edition: i32, digest: &str) -> FormCode {
        let digest = digest.chars().take(DIGITS).collect::<String>();
        let sign = keys.token("paper_form.code", &format!("{case}.{edition}.{digest}"));
        FormCode { case: case.clone(), edition, digest, sign }
    }

    /// Reads what was scanned or typed; none where no installation with these keys has made it.
    pub(super) fn read(keys: &Keys, text: &str) -> Option<FormCode> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let mut parts = text.split('.');
        let (case, edition) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let (digest, sign) = (parts.next()?.to_ascii_lowercase(), parts.next()?.to_ascii_lowercase());
        let made = FormCode::new(keys, &case, edition, &digest);
        (parts.next().is_none() && made.digest == digest && made.sign == sign).then_some(made)
    }

    pub(super) fn is_of(&self, digest: &str) -> bool {
        digest.starts_with(&self.digest)
    }
}

impl fmt::Display for FormCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}.{}", self.case, self.edition, self.digest, self.sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_typed_and_cannot_be_made_up() {
        let keys = Keys::from_hex(&"42".repeat(32)).unwrap();
        let code = FormCode::new(&keys, &CaseNo("QY26-00001".to_owned()), 2, &"ab".repeat(32));
        let text = code.to_string();
        assert_eq!(FormCode::read(&keys, &format!(" {} \n", text.to_ascii_uppercase())), Some(code));
        assert_eq!(FormCode::read(&keys, &text.replace(".2.", ".3.")), None);
        assert_eq!(FormCode::read(&Keys::from_hex(&"43".repeat(32)).unwrap(), &text), None);
        assert_eq!(FormCode::read(&keys, &format!("{text}.1")), None);
        assert_eq!(FormCode::read(&keys, "QY26-00001"), None);
    }
}
