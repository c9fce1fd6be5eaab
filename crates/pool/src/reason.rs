//! Why a row is put aside: the codes of data-sources.md 4 and three more that files needed.

use tuodi_pack::{Lang, Text, id_no::IdNoError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    IdNo(IdNoError),
    UnknownRegion,
    BadDate,
    BadCode,
    DuplicateKey,
    Negative,
    Missing,
    Future,
    Unreadable,
    OutOfRange,
    /// The bytes are no characters in the file's encoding.
    Undecodable,
    FieldCount {
        found: usize,
        expected: usize,
    },
    /// Nothing is wrong with the row itself; too many others of its file were broken.
    Held,
}

impl Reason {
    pub fn code(self) -> &'static str {
        match self {
            Reason::IdNo(_) => "E01",
            Reason::UnknownRegion => "E02",
            Reason::BadDate => "E03",
            Reason::BadCode => "E04",
            Reason::DuplicateKey => "E05",
            Reason::Negative => "E06",
            Reason::Missing => "E07",
            Reason::Future => "E08",
            Reason::Unreadable | Reason::OutOfRange | Reason::Undecodable => "E09",
            Reason::FieldCount { .. } => "E10",
            Reason::Held => "HELD",
        }
    }

    pub fn text(self) -> Text {
        let text = |zh: &str, en: &str| Text::new(zh, en);
        match self {
            Reason::IdNo(IdNoError::Length) => {
                text("公民身份号码应为18位（旧号15位）", "a citizen number has 18 characters (old ones 15)")
            }
            Reason::IdNo(IdNoError::Characters) => {
                text("公民身份号码只能是数字，末位可为X", "a citizen number has digits only; the last may be X")
            }
            Reason::IdNo(IdNoError::BirthDate) => {
                text("公民身份号码第7至14位不是真实日期", "digits 7 to 14 of the citizen number are not a date")
            }
            Reason::IdNo(IdNoError::CheckCharacter) => {
                text("公民身份号码校验位不符", "the citizen number's check character does not fit")
            }
            Reason::UnknownRegion => text("区划代码不在区划表中", "the region code is not in the table of regions"),
            Reason::BadDate => text("日期不存在或写法无法识别", "no such date or not written as one"),
            Reason::BadCode => text("不在允许的取值之内", "not one of the values allowed here"),
            Reason::DuplicateKey => text("主键与本文件前面的一行重复", "an earlier row of this file has the same key"),
            Reason::Negative => text("金额为负，但不是退费", "a negative amount that is not a refund"),
            Reason::Missing => text("必填项为空", "a value is required here"),
            Reason::Future => text("日期晚于今天", "the date lies in the future"),
            Reason::Unreadable => text("无法识别为该列的数据类型", "cannot be read as what this column holds"),
            Reason::OutOfRange => text("超出该列允许的范围", "outside the range this column allows"),
            Reason::Undecodable => {
                text("含有无法识别的字符（编码有误）", "holds bytes that are no characters in the file's encoding")
            }
            Reason::FieldCount { found, expected } => Text::new(
                format!("本行有{found}个字段，表头有{expected}个"),
                format!("{found} fields where the header has {expected}"),
            ),
            Reason::Held => text(
                "本行无误；全文件有效行比例过低，整批暂存",
                "nothing wrong with this row; too few rows of the file are valid, so the whole batch is held",
            ),
        }
    }

    /// Both languages in one cell, Chinese first.
    pub(crate) fn both(self) -> String {
        let text = self.text();
        format!("{} / {}", text.get(Lang::Zh), text.get(Lang::En))
    }
}
