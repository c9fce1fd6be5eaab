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
            match place.strip_prefix("art.") {
                Some(articles) => {
                    let list: Vec<String> = articles.split(',').map(|n| article(n.trim())).collect();
                    format!("{title}{}", list.join("、"))
                }
                None => format!("{title}{place}"),
            }
        }
    }
}
