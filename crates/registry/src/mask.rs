//! How lists show people to those who need not know them (data-sources.md 0.4).

/// Family names of two characters; everyone else's has one.
const COMPOUND: [&str; 24] = [
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯", "司徒", "司空", "轩辕",
    "宇文", "长孙", "鲜于", "闻人", "端木", "南宫", "西门", "独孤", "百里", "呼延",
];

/// `李*`, `欧阳*`: the family name only, whatever the length of the rest.
pub fn mask_name(name: &str) -> String {
    let name = name.trim();
    if let Some(compound) = COMPOUND.iter().find(|c| name.starts_with(**c) && name.len() > c.len()) {
        return format!("{compound}*");
    }
    match name.chars().next() {
        Some(first) => format!("{first}*"),
        None => String::new(),
    }
}

/// `**** 0028`: the last four of an account or card number.
pub fn mask_account(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    if digits.len() <= 4 {
        return "****".to_owned();
    }
    format!("**** {}", digits[digits.len() - 4..].iter().collect::<String>())
}

/// `138****0028`: how a phone number is shown to confirm that it is the right one.
pub fn mask_phone(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 8 {
        return "****".to_owned();
    }
    let (head, tail) = (&digits[..3], &digits[digits.len() - 4..]);
    format!("{}****{}", head.iter().collect::<String>(), tail.iter().collect::<String>())
}
