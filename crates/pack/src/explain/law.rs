//! Citations in words.

use crate::{Lang, Pack};

/// `DB57 art.8; IM art.9` as the pack's titles say it: 《最低生活保障审核确认办法》第8条；…. What the pack has no title for stays
/// as it stands.
pub fn law(pack: &Pack, basis: &str, lang: Lang) -> String {
    let parts = basis.split([';', '；']).map(str::trim).filter(|part| !part.is_empty());
    let parts: Vec<String> = parts.map(|part| one(pack, part, lang)).collect();
    parts.join(if lang == Lang::Zh { "；" } else { "; " })
}

fn one(pack: &Pack, part: &str, lang: Lang) -> String {
    let (id, place) = part.split_once(' ').unwrap_or((part, ""));
    let Some(legal) = pack.info.legal.iter().find(|l| l.id == id) else { return part.to_owned() };
    let (title, place) = (legal.title.get(lang), place.trim());
    if lang == Lang::En {
        return if place.is_empty() { title.to_owned() } else { format!("{title}, {place}") };
    }
    let title = if title.starts_with('《') { title.to_owned() } else { format!("《{title}》") };
    let each = |list: &str, word: &str| -> String {
        let list: Vec<String> = list.split(',').map(|n| format!("第{}{word}", n.trim())).collect();
        list.join("、")
    };
    match place.split_once('.') {
        Some(("art", list)) => format!("{title}{}", each(list, "条")),
        Some(("ch", list)) => format!("{title}{}", each(list, "章")),
        Some(("para", list)) => format!("{title}{}", each(list, "项")),
        _ => format!("{title}{place}"),
    }
}
