//! What to do now: the one act of this stage for this person, or who does it, and why not.
//!
//! The system's finding stands apart from the officer's choice; nothing is chosen beforehand.

use crate::{
    Cx,
    desk::{
        look::{self, Tag},
        one_time_key,
    },
    form::{Choice, Fields},
};
use std::collections::BTreeMap;
use tuodi_access::{Act, Denied, DeniedWhy, Resource, Role};
use tuodi_casework::{CaseView, NextStep, Offered, Proposal, REFUSAL_CODES};
use tuodi_pack::{Answer, Fen};

/// What the engine found, before any choice.
pub struct Finding {
    pub tag: Tag,
    pub monthly: String,
    pub formula: String,
}

/// Approve or refuse: an opinion, the answer to an objection, or the decision.
pub struct ProposalForm {
    pub action: String,
    pub approve: &'static str,
    pub refuse: &'static str,
    pub button: &'static str,
    pub outcome: String,
    pub programmes: Vec<Choice>,
    pub monthly: String,
    pub reasons: Vec<Choice>,
    pub text: String,
    /// What those who objected are told; only where an objection ends.
    pub answer: Option<String>,
    /// What is missing before it can be sent: words and the place on the page.
    pub missing: Option<(String, &'static str)>,
}

pub struct SignForm {
    pub proposal: String,
    pub by: String,
    pub text: String,
    pub agree: String,
    pub reason: String,
}

/// A button that acts at once.
pub struct PostButton {
    pub action: String,
    pub label: &'static str,
    pub icon: &'static str,
    pub primary: bool,
}

/// A link to a page of its own.
pub struct ActLink {
    pub href: String,
    pub label: &'static str,
    pub icon: &'static str,
    pub primary: bool,
}

pub struct ActionBox {
    pub heading: &'static str,
    pub icon: &'static str,
    /// Who holds the case, or who may do the act.
    pub holder: String,
    pub finding: Option<Finding>,
    pub proposal: Option<ProposalForm>,
    pub sign: Option<SignForm>,
    pub buttons: Vec<PostButton>,
    pub links: Vec<ActLink>,
    /// There is something for this person to do now.
    pub todo: bool,
    /// There are acts besides the one of this step.
    pub more: bool,
    /// Why this person may not, and who can.
    pub refused: Option<(String, String)>,
    pub earlier: Option<String>,
    pub assignee: String,
    pub may_take: bool,
    pub may_assign: bool,
    pub may_remind: bool,
    pub key: String,
}

pub fn action_box(cx: &Cx, view: &CaseView, accounts: &BTreeMap<String, String>, typed: &Fields) -> ActionBox {
    let row = &view.row;
    let step = row.next_step;
    let open = |act| view.offer(act).is_some_and(|o| o.denied.is_none());
    let address = |last: &str| format!("/desk/cases/{}/{last}", row.case);
    let mut form = ActionBox {
        heading: step.title(cx.lang),
        icon: look::step_icon(step),
        holder: holder(cx, step),
        finding: finding(cx, view),
        proposal: None,
        sign: None,
        buttons: Vec::new(),
        links: Vec::new(),
        todo: false,
        more: false,
        refused: refusal(cx, view, step),
        earlier: None,
        assignee: row.assignee.as_ref().map(|a| accounts.get(a).unwrap_or(a).clone()).unwrap_or_default(),
        may_take: row.state.is_open() && row.assignee.as_deref() != cx.who.as_ref().map(|w| w.account.as_str()),
        may_assign: row.state.is_open() && may(cx, Act::Assign),
        may_remind: row.state.is_open() && may(cx, Act::Remind),
        key: typed.get("key").filter(|k| !k.is_empty()).cloned().unwrap_or_else(one_time_key),
    };
    let mut button = |action: &str, label, icon, primary| {
        form.buttons.push(PostButton { action: address(action), label, icon, primary });
    };
    if open(Offered::Accept) {
        button("accept", cx.t("desk.act.accept"), "check", step == NextStep::Accept);
    }
    if open(Offered::RunCheck) {
        let first = step == NextStep::RunCheck;
        let label = if first { "desk.act.check" } else { "desk.act.check_again" };
        button("check", cx.t(label), "database", first);
    }
    if open(Offered::EndPublicity) {
        button("end-publicity", cx.t("desk.act.end_publicity"), "check", true);
    }
    let mut link = |href: String, label, icon, primary| form.links.push(ActLink { href, label, icon, primary });
    if crate::desk::living::has_page(row.state) {
        let first = matches!(step, NextStep::Recheck | NextStep::DecideChange | NextStep::EndExit);
        link(address("recheck"), cx.t("living.recheck.link"), "refresh", first);
    }
    if open(Offered::Fill) || open(Offered::Submit) {
        link(format!("/desk/intake/{}", row.case), cx.t("desk.act.fill"), "pencil", true);
    } else if open(Offered::Consent) && !view.without_consent.is_empty() {
        link(
            format!("/desk/intake/{}#consents", row.case),
            cx.t("desk.act.consents"),
            "pencil",
            step == NextStep::Consent,
        );
    }
    if open(Offered::RecordVisit) {
        link(address("visit"), cx.t("desk.act.visit"), "home", step == NextStep::Visit);
    }
    if open(Offered::Judge) {
        link("#differences".to_owned(), cx.t("desk.act.judge"), "scale", true);
    }
    if open(Offered::Return) {
        link(address("return"), cx.t("desk.act.return"), "send", false);
    }
    if open(Offered::RecordObjection) {
        link(address("objection"), cx.t("desk.act.objection"), "message", false);
    }
    if open(Offered::Decide) {
        link(address("send-back"), cx.t("desk.act.send_back"), "arrow-left", false);
    }
    if open(Offered::Meet) {
        link(address("special"), cx.t("special.record"), "pencil", step == NextStep::Deliberate);
    } else if open(Offered::Convene) {
        link(address("special"), cx.t("special.convene"), "scale", false);
    }
    if open(Offered::Appraise) {
        link(address("appraisal"), cx.t("appraisal.record"), "users", true);
    } else if open(Offered::CallAppraisal) {
        link(address("appraisal"), cx.t("appraisal.call"), "users", false);
    }
    if open(Offered::SignExtension) {
        link(address("extension"), cx.t("extend.waits_link"), "clock", true);
    } else if open(Offered::Extend) {
        link(address("extension"), cx.t("extend.title"), "clock", false);
    }
    if open(Offered::DeclareKin) {
        link(address("kin"), cx.t("kin.title"), "users", false);
    }
    if open(Offered::AnswerAppeal) {
        link(address("answer-appeal"), cx.t("desk.act.answer_appeal"), "scale", true);
    }
    if open(Offered::Appeal) {
        link(address("appeal"), cx.t("desk.act.appeal"), "message", false);
    }
    if open(Offered::Terminate) {
        link(address("terminate"), cx.t("desk.act.terminate"), "ban", false);
    }
    form.more = form.links.iter().any(|l| !l.primary) || form.buttons.iter().any(|b| !b.primary);
    let opinion = view.opinions.first();
    let signed_by = |account: &str| accounts.get(account).cloned().unwrap_or_else(|| account.to_owned());
    if open(Offered::Opinion) {
        form.proposal = Some(proposal_form(cx, view, typed, &address("opinion"), "opinion"));
        form.earlier = opinion.filter(|o| o.agreed == Some(false)).and_then(|o| {
            o.sign_text.as_ref().map(|text| {
                cx.t2("desk.opinion.sent_back", signed_by(o.signed_by.as_deref().unwrap_or_default()), text)
            })
        });
    } else if open(Offered::ResolveObjection) {
        form.proposal = Some(proposal_form(cx, view, typed, &address("resolve-objection"), "resolve"));
    } else if open(Offered::Decide) {
        form.proposal = Some(proposal_form(cx, view, typed, &address("decide"), "decide"));
    }
    if let Some(given) = opinion.filter(|o| o.agreed != Some(false)) {
        let words = proposal_words(cx, &given.proposal);
        if open(Offered::Sign) {
            form.sign = Some(SignForm {
                proposal: words,
                by: cx.t2("desk.opinion.by", signed_by(&given.given_by), cx.moment(&given.given_at)),
                text: given.text.clone(),
                agree: typed.get("agree").cloned().unwrap_or_default(),
                reason: typed.get("text").cloned().unwrap_or_default(),
            });
        } else if open(Offered::Decide) || view.offer(Offered::Decide).is_some() || view.offer(Offered::Sign).is_some()
        {
            let by = signed_by(&given.given_by);
            form.earlier = Some(cx.t3("desk.opinion.earlier", by, words, &given.text));
        }
    }
    form.todo = form.proposal.is_some()
        || form.sign.is_some()
        || form.buttons.iter().any(|b| b.primary)
        || form.links.iter().any(|l| l.primary);
    form
}

/// Whether the role does this at all; whose case it is the act itself asks.
fn may(cx: &Cx, act: Act) -> bool {
    let case = |who: &tuodi_access::Actor| Resource::general("case", "", who.region.as_str());
    cx.who.as_ref().is_some_and(|who| cx.state.access.role_may(who.role, act, &case(who)))
}

/// Who acts at this step.
fn holder(cx: &Cx, step: NextStep) -> String {
    match Role::from_id(step.role()) {
        Some(role) => cx.t1("desk.act.holder", role.title(cx.lang)),
        None => String::new(),
    }
}

/// The act of the present step that is closed to this person, though the stage would allow it.
fn refusal(cx: &Cx, view: &CaseView, step: NextStep) -> Option<(String, String)> {
    let act = match step {
        NextStep::Accept => Offered::Accept,
        NextStep::RunCheck => Offered::RunCheck,
        NextStep::Visit => Offered::RecordVisit,
        NextStep::ExplainDifferences => Offered::Judge,
        NextStep::Opinion => Offered::Opinion,
        NextStep::Sign => Offered::Sign,
        NextStep::EndPublicity => Offered::EndPublicity,
        NextStep::ResolveObjection => Offered::ResolveObjection,
        NextStep::Decide => Offered::Decide,
        NextStep::AnswerAppeal => Offered::AnswerAppeal,
        NextStep::Appraise => Offered::Appraise,
        NextStep::Deliberate => Offered::Meet,
        _ => return None,
    };
    view.offer(act)?.denied.as_ref().map(|denied| refused(cx, denied))
}

/// Why not, and who can.
pub fn refused(cx: &Cx, denied: &Denied) -> (String, String) {
    let why = denied.why.text();
    let who: Vec<&str> = denied.who_can.iter().map(|r| r.title(cx.lang)).collect();
    let who = who.join(if cx.is_zh() { "、" } else { ", " });
    let key = match denied.why {
        // The same role may well be right: somebody else of it.
        DeniedWhy::SeparationOfDuties => "desk.act.another_can",
        _ => "desk.act.who_can",
    };
    (cx.text(&why).to_owned(), cx.t1(key, who))
}

fn finding(cx: &Cx, view: &CaseView) -> Option<Finding> {
    let pack = &cx.state.pack;
    let result = &view.verification.as_ref()?.result;
    let programme = result.programmes.iter().find(|p| p.programme == result.tier);
    let asks = result.tiers().any(|p| p.answer == Answer::Unknown);
    let tag = match (result.tier.as_str(), asks) {
        ("none", true) => Tag::new("hold", "help-circle", cx.t("desk.finding.unknown")),
        ("none", false) => Tag::new("neutral", "info-circle", cx.t("desk.finding.none")),
        (tier, _) => Tag::new("ok", "circle-check", cx.t1("desk.finding.holds", look::tier(cx, pack, tier))),
    };
    let amount = pack.programme(&result.tier).and_then(|p| p.amount.as_ref());
    Some(Finding {
        tag,
        monthly: if result.monthly > Fen::ZERO { look::monthly(cx, result.monthly) } else { String::new() },
        formula: amount.filter(|_| programme.is_some()).map(|a| cx.text(&a.explain).to_owned()).unwrap_or_default(),
    })
}

pub fn proposal_words(cx: &Cx, proposal: &Proposal) -> String {
    match proposal {
        Proposal::Approve { programme, monthly } => {
            cx.t2("desk.opinion.approve", look::tier(cx, &cx.state.pack, programme), look::monthly(cx, *monthly))
        }
        Proposal::Refuse { reason_code } => {
            cx.t1("desk.opinion.refuse", tuodi_casework::reason_title(reason_code, cx.lang))
        }
    }
}

/// `kind`: opinion, resolve, decide; the words of the choices differ.
fn proposal_form(cx: &Cx, view: &CaseView, typed: &Fields, action: &str, kind: &str) -> ProposalForm {
    let pack = &cx.state.pack;
    let result = view.verification.as_ref().map(|c| &c.result);
    let proposed = view.opinions.first().filter(|_| kind == "decide").map(|o| &o.proposal);
    let (programme, monthly) = match proposed {
        Some(Proposal::Approve { programme, monthly }) => (programme.clone(), *monthly),
        _ => (result.map(|r| r.tier.clone()).unwrap_or_default(), result.map_or(Fen::ZERO, |r| r.monthly)),
    };
    let reason = match proposed {
        Some(Proposal::Refuse { reason_code }) => reason_code.clone(),
        _ => String::new(),
    };
    let value = |name: &str, otherwise: String| typed.get(name).cloned().unwrap_or(otherwise);
    let (programme, reason) = (value("programme", programme), value("reason_code", reason));
    let choice = |value: &str, label: &str, chosen: &str| Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        hint: String::new(),
        chosen: value == chosen,
    };
    let mut programmes = vec![choice("", cx.t("desk.opinion.choose"), &programme)];
    programmes.extend(pack.tiers().map(|p| choice(&p.id, cx.text(&p.title), &programme)));
    let mut reasons = vec![choice("", cx.t("desk.opinion.choose"), &reason)];
    reasons.extend(REFUSAL_CODES.iter().map(|(id, zh, en)| choice(id, if cx.is_zh() { zh } else { en }, &reason)));
    ProposalForm {
        action: action.to_owned(),
        approve: cx.t_of("desk.opinion.choice_approve", kind),
        refuse: cx.t_of("desk.opinion.choice_refuse", kind),
        button: cx.t_of("desk.opinion.button", kind),
        outcome: value("outcome", String::new()),
        programmes,
        monthly: value("monthly", monthly.to_string().replace(',', "")),
        reasons,
        text: value("text", String::new()),
        answer: (kind == "resolve").then(|| value("answer", String::new())),
        missing: missing(cx, view, kind),
    }
}

fn missing(cx: &Cx, view: &CaseView, kind: &str) -> Option<(String, &'static str)> {
    if kind == "decide" {
        return None;
    }
    let waiting = view.verification.iter().flat_map(|c| &c.differences).filter(|d| d.waits_for_judgement()).count();
    if waiting > 0 {
        return Some((cx.tn("desk.opinion.missing_differences", waiting), "#differences"));
    }
    if kind == "resolve" && !view.looked_again {
        return Some((cx.t("desk.opinion.missing_visit").to_owned(), "#act-visit"));
    }
    None
}
