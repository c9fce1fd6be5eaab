//! Citations in words, the same on every page: `tuodi_pack::explain`.

pub use tuodi_pack::explain::law as cite;

#[cfg(test)]
mod tests {
    use super::*;
    use tuodi_pack::Lang;

    #[test]
    fn articles_chapters_and_unknown_laws_are_written_as_a_reader_expects() {
        let pack = crate::samples::pack();
        let zh = cite(pack, "DB57 art.8, 13; IM ch.2", Lang::Zh);
        assert!(zh.starts_with("《最低生活保障审核确认办法") && zh.contains("》第8条、第13条；《"), "{zh}");
        assert!(zh.ends_with("》第2章"), "{zh}");
        assert_eq!(cite(pack, "XX art.1", Lang::Zh), "XX art.1");
        assert!(cite(pack, "DB57 art.8", Lang::En).ends_with(", art.8"));
    }
}
