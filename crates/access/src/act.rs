//! Acts that need a permission.

use tuodi_pack::Text;

macro_rules! acts {
    ($($(#[$doc:meta])* $variant:ident $name:literal $zh:literal $en:literal;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Act { $($(#[$doc])* $variant,)* }

        impl Act {
            pub const ALL: &[Act] = &[$(Act::$variant,)*];

            /// As it stands in the policies: `decide`.
            pub fn name(self) -> &'static str {
                match self { $(Act::$variant => $name,)* }
            }

            pub fn title(self) -> Text {
                match self { $(Act::$variant => Text::new($zh, $en),)* }
            }
        }
    };
}

acts! {
    ViewQueue "view_queue" "查看待办列表" "see the queue";
    /// Give cases into a colleague's hands; enter leave for others.
    Assign "assign" "交办" "hand cases over";
    Remind "remind" "催办" "remind whoever has the next step";
    ViewCase "view_case" "查看案件" "see a case";
    Apply "apply" "提出申请" "apply";
    Consent "consent" "授权核对" "consent to the check";
    Accept "accept" "受理" "accept an application";
    /// Send back for what is missing, once (一次性告知).
    Return "return" "一次性告知补正" "send back for what is missing";
    RecordCheck "record_check" "登记核对结果" "record the economic check";
    RecordVisit "record_visit" "登记入户调查" "record a visit";
    Review "review" "提出初审意见" "give the preliminary opinion";
    /// Ask for the longer limit of a case, on a ground of the law.
    Extend "extend" "提请延长办理期限" "ask for a longer limit";
    SignExtension "sign_extension" "签批延长办理期限" "sign a longer limit";
    Publicise "publicise" "公示" "publicise";
    /// That the sheet of notices hung on the board.
    RecordHung "record_hung" "登记公示张贴" "record that the sheet was posted";
    RecordObjection "record_objection" "登记异议" "record an objection";
    Decide "decide" "审核确认" "decide";
    /// That an officer is a relative of the applicant.
    DeclareKin "declare_kin" "近亲属备案" "declare that an officer is a relative";
    /// Let somebody act for one's household, and take it back.
    Entrust "entrust" "委托代办" "let somebody act for one";
    Withdraw "withdraw" "撤回申请" "withdraw an application";
    /// End a case without a decision on the merits: refusal to cooperate, death.
    Terminate "terminate" "终止办理" "terminate a case";
    Appeal "appeal" "提出申诉" "appeal";
    /// Dispute a fact that a department supplied.
    ContestFact "contest_fact" "对数据提出异议" "contest a fact";
    /// A complaint, a report, a contested fact.
    AnswerVoice "answer_voice" "答复投诉和异议" "answer what people say";
    /// First help within 24 hours, papers later (临时救助急难型).
    GrantEmergency "grant_emergency" "先行救助" "give emergency help at once";
    ViewHousehold "view_household" "查看家庭" "see a household";
    SearchPeople "search_people" "查找人员" "look people up";
    /// Take up, finish or refuse a matter that was sent to the own department.
    AnswerMatter "answer_matter" "办理一件事事项" "answer a matter of one's department";
    ViewTask "view_task" "查看任务" "see a task";
    RecordOutcome "record_outcome" "登记任务结果" "record the outcome of a task";
    ReportClue "report_clue" "上报线索" "report someone in difficulty";
    PreparePayment "prepare_payment" "编制发放名册" "prepare the pay list";
    SignPayment "sign_payment" "签发发放名册" "sign the pay list";
    ViewPayment "view_payment" "查看发放名册" "see a pay list";
    ViewOverview "view_overview" "查看总览" "see the overview";
    /// Batches and their quality; no values.
    ViewData "view_data" "查看数据批次" "see data batches";
    LoadData "load_data" "接收数据" "take data in";
    /// Agreements renewed or ended, tasks about late or broken feeds.
    ManageFeed "manage_feed" "管理数据来源" "look after a feed";
    CorrectRecord "correct_record" "更正数据" "correct a record";
    RunPass "run_pass" "运行监测" "run the population pass";
    ViewJournal "view_journal" "查看操作日志" "read the journal";
    /// Who looked at whom.
    ViewLooks "view_looks" "查看访问记录" "see who looked";
    Export "export" "导出" "export";
    ManageAccounts "manage_accounts" "管理账号" "manage accounts";
    ProposeParameter "propose_parameter" "提出参数调整" "propose a change of a parameter";
    ApproveParameter "approve_parameter" "批准参数调整" "approve a change of a parameter";
}

impl Act {
    pub fn from_name(name: &str) -> Option<Act> {
        Act::ALL.iter().copied().find(|act| act.name() == name)
    }
}
