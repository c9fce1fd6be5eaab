//! Finding the line of a pack's file that a problem is about, and the name that was probably meant.

use tuodi_pack::Pack;

pub(crate) use tuodi_pack::near::nearest;

/// ` (did you mean …?)`, or nothing where no known name is near.
pub(crate) fn meant<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(name, known).map_or_else(String::new, |n| format!("; did you mean `{n}`?"))
}

/// One file of a pack, for naming lines in it.
pub(crate) struct PackFile {
    /// Path within the pack.
    pub name: String,
    text: String,
}

impl PackFile {
    /// The file that declares this id.
    pub fn declaring(pack: &Pack, folder: &str, id: &str) -> PackFile {
        let name = pack.files.home(folder, id);
        let text = pack.files.text(&name).unwrap_or_default().to_owned();
        PackFile { name, text }
    }

    /// A file of its own.
    pub fn named(pack: &Pack, name: &str) -> PackFile {
        PackFile { name: name.to_owned(), text: pack.files.text(name).unwrap_or_default().to_owned() }
    }

    pub fn sql(group: &str, text: &str) -> PackFile {
        PackFile { name: format!("facts/{group}.sql"), text: text.to_owned() }
    }

    /// First line that has this word, from a line on.
    pub fn line_of_word(&self, word: &str, from: usize) -> Option<usize> {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        self.text.lines().enumerate().skip(from.saturating_sub(1)).find_map(|(i, line)| {
            line.match_indices(word)
                .any(|(at, _)| !line[..at].ends_with(part) && !line[at + word.len()..].starts_with(part))
                .then_some(i + 1)
        })
    }

    /// Line where this piece of a file (an expression) starts.
    pub fn line_of_text(&self, piece: &str) -> Option<usize> {
        let first = piece.trim().lines().next()?.trim();
        // As a whole value first: a short expression may begin a longer one.
        let whole = ['"', '\''].iter().find_map(|q| self.text.find(&format!("{q}{first}{q}")));
        let at = whole.or_else(|| self.text.find(first))?;
        Some(self.text[..at].matches('\n').count() + 1)
    }

    /// Line of an expression, and within it of the word in question.
    pub fn line(&self, piece: &str, word: Option<&str>) -> usize {
        let start = self.line_of_text(piece).unwrap_or(1);
        let lines = piece.lines().count().max(1);
        word.and_then(|w| self.line_of_word(w, start)).filter(|l| *l < start + lines).unwrap_or(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_within_a_longer_name_is_not_that_word() {
        let file = PackFile::sql("x", "select wage_month,\n wage\nfrom t");
        assert_eq!(file.line_of_word("wage", 1), Some(2));
    }
}
