//! Citations in words: `DB57 art.8` as the pack's titles say it.

use tuodi_pack::{Lang, Pack};

/// `DB57 art.8; IM art.9` → `《最低生活保障审核确认办法》第8条；…`. What the pack has no title for stays as it stands.
pub fn cite(pack: &Pack, basis: &str, lang: Lang) -> String {
    let parts: Vec<String> = basis.split(';').map(|part| one(pack, part.trim(), lang)).collect();
    parts.join(if lang == Lang::Zh { "；" } else { "; " })
}

fn one(pack: &Pack, part: &str, lang: Lang) -> String {
    let (id, place) = part.split_once(' ').unwrap_or((part, ""));
    let Some(legal) = pack.info.legal.iter().find(|l| l.id == id) else { return part.to_owned() };
    let title = legal.title.get(lang);
    let place = place.trim();
    match lang {
        Lang::En if place.is_empty() => title.to_owned(),
        Lang::En => format!("{title}, {place}"),
        Lang::Zh => {
            let title = if title.starts_with('《') { title.to_owned() } else { format!("《{title}》") };
            let article = |n: &str| if n.is_empty() { String::new() } else { format!("第{n}条") };
            match (place.strip_prefix("art."), place.strip_prefix("ch.")) {
                (_, Some(chapter)) => format!("{title}第{}章", chapter.trim()),
                (Some(articles), _) => {
                    let list: Vec<String> = articles.split(',').map(|n| article(n.trim())).collect();
                    format!("{title}{}", list.join("、"))
                }
                (None, None) => format!("{title}{place}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_chapters_and_unknown_laws_are_written_as_a_reader_expects() {
        let pack = crate::samples::pack();
        let zh = cite(&pack, "DB57 art.8, 13; IM ch.2", Lang::Zh);
        assert!(zh.starts_with("《最低生活保障审核确认办法") && zh.contains("》第8条、第13条；《"), "{zh}");
        assert!(zh.ends_with("》第2章"), "{zh}");
        assert_eq!(cite(&pack, "XX art.1", Lang::Zh), "XX art.1");
        assert!(cite(&pack, "DB57 art.8", Lang::En).ends_with(", art.8"));
    }
}
