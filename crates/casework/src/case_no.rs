//! Case numbers, channels and marks: small words of the case.

use serde::{Deserialize, Serialize};
use tuodi_pack::{Lang, Text};

/// `QY26-00001`: one number for the life of a case, whatever door it came through.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseNo(pub String);

impl CaseNo {
    pub(crate) fn new(prefix: &str, year: i32, number: i64) -> CaseNo {
        CaseNo(format!("{prefix}{:02}-{number:05}", year.rem_euclid(100)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How the journal names the case.
    pub fn subject(&self) -> String {
        format!("case:{}", self.0)
    }
}

impl std::fmt::Display for CaseNo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a case number")]
pub struct NotACaseNo;

impl std::str::FromStr for CaseNo {
    type Err = NotACaseNo;

    fn from_str(text: &str) -> Result<CaseNo, NotACaseNo> {
        let text = text.trim().to_ascii_uppercase();
        let (head, tail) = text.split_once('-').ok_or(NotACaseNo)?;
        let shaped = (3..=8).contains(&head.len())
            && head.bytes().all(|b| b.is_ascii_alphanumeric())
            && (5..=10).contains(&tail.len())
            && tail.bytes().all(|b| b.is_ascii_digit());
        if shaped { Ok(CaseNo(text)) } else { Err(NotACaseNo) }
    }
}

pub(crate) use tuodi_pack::codes;

codes! {
    /// The door an act came through. An attribute of each event, not of the case (workflow.md 5).
    Channel {
        Online = "online", "网上", "online";
        Window = "window", "窗口", "at the window";
        Hotline = "hotline", "电话", "by telephone";
        Village = "village", "村社区代办", "through the village";
        Proxy = "proxy", "代理人", "by proxy";
        Alert = "alert", "预警转入", "from an alert";
        Paper = "paper", "纸质", "on paper";
        Visit = "visit", "上门", "at a visit";
        System = "system", "系统", "system";
    }
}

codes! {
    /// How a person put their name to an authorisation.
    Mark {
        Typed = "typed", "本人输入姓名确认", "name typed";
        Signature = "signature", "手写签名", "signature";
        Fingerprint = "fingerprint", "按指印", "fingerprint";
        Voice = "voice", "语音确认", "voice";
        Paper = "paper", "纸质授权书", "paper form";
    }
}

codes! {
    /// Can this person work? Asked at the visit (DB57 art. 31, 34).
    WorkAbility {
        Full = "full", "有劳动能力", "able to work";
        Partial = "partial", "部分丧失劳动能力", "partly able";
        NoAbility = "none", "无劳动能力", "not able";
    }
}

/// Reason codes of a refusal, with the words of the notice (DB57 art. 21: reasons in writing).
pub const REFUSAL_CODES: &[(&str, &str, &str)] = &[
    ("income_over", "家庭人均月收入高于规定标准", "Income a person is above the line"),
    ("property_over", "家庭财产超过规定限额", "Property is above the limit"),
    ("expense_below", "刚性支出未达到规定比例", "Necessary spending is below the share required"),
    ("not_tekun", "不符合特困人员认定条件", "The conditions of destitute support are not met"),
    ("not_resident", "不属于本地受理范围", "Another place is responsible"),
    ("other_reason", "其他原因", "Another reason"),
];

/// Reason codes of an ending without a decision on the merits.
pub const TERMINATION_CODES: &[(&str, &str, &str)] = &[
    ("withdrawn", "申请人撤回申请", "The applicant withdrew"),
    ("no_cooperation", "无正当理由拒绝配合核对或调查", "The check or visit was refused without reason"),
    ("died", "申请人死亡且无其他共同生活成员", "The applicant died and no other member is left"),
    ("moved", "已迁出本区", "The household moved away"),
];

/// The words of a reason code, from either list.
pub fn reason_text(code: &str) -> Option<Text> {
    REFUSAL_CODES.iter().chain(TERMINATION_CODES).find(|(id, _, _)| *id == code).map(|(_, zh, en)| Text::new(*zh, *en))
}

/// The words of a reason code in one language; the code itself if it is unknown.
pub fn reason_title(code: &str, lang: Lang) -> String {
    reason_text(code).map_or_else(|| code.to_owned(), |t| t.get(lang).to_owned())
}
