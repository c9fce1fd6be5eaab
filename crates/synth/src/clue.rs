//! Clues: what callers, neighbours, grid workers and newspapers say about somebody in need.
//!
//! Reasoning: three households in a thousand a year are the subject of a clue; half come by the hotline, one in twelve is a
//! petition or a story in the media. Nine in ten are closed within weeks; one in fifteen names nobody.

use crate::chance::Chance;
use crate::district::District;
use crate::person::{RegStatus, Story};
use crate::rows::codes;
use chrono::{Days, NaiveDate};

codes!(Channel { Hotline = "hotline" "12345热线", Code = "happiness_code" "幸福码", Grid = "grid" "网格上报", Volunteer = "volunteer" "志愿者", Petition = "petition" "信访", Media = "media" "媒体" });
codes!(ClueKind { Living = "living" "生活困难", Medical = "medical" "看病就医", Care = "care" "照料护理", Housing = "housing" "住房", Education = "education" "上学", Job = "job" "就业", Child = "child" "困境儿童", Disaster = "disaster" "突发急难", Other = "other" "其他" });
codes!(ClueOutcome {
    Helped = "verified_helped" "已救助", Covered = "verified_already_covered" "已在保障", NoHardship = "verified_no_hardship" "核实无困难",
    DataError = "data_error" "信息有误", Unreachable = "unreachable" "无法联系", Refused = "refused_help" "本人不愿接受救助", Transferred = "transferred" "已转办",
});

#[derive(Debug, Clone)]
pub struct Clue {
    pub number: u32,
    pub channel: Channel,
    pub person: Option<u32>,
    pub household: Option<u32>,
    pub village: u16,
    pub kind: ClueKind,
    pub urgent: bool,
    pub received: NaiveDate,
    pub closed: Option<NaiveDate>,
    pub outcome: Option<ClueOutcome>,
}

const CHANNELS: [(Channel, f64); 6] = [
    (Channel::Hotline, 0.5),
    (Channel::Code, 0.16),
    (Channel::Grid, 0.2),
    (Channel::Volunteer, 0.06),
    (Channel::Petition, 0.06),
    (Channel::Media, 0.02),
];

const KINDS: [ClueKind; 8] = [
    ClueKind::Living,
    ClueKind::Medical,
    ClueKind::Care,
    ClueKind::Housing,
    ClueKind::Education,
    ClueKind::Job,
    ClueKind::Child,
    ClueKind::Other,
];

const OUTCOMES: [ClueOutcome; 6] = [
    ClueOutcome::NoHardship,
    ClueOutcome::Covered,
    ClueOutcome::Helped,
    ClueOutcome::Transferred,
    ClueOutcome::Unreachable,
    ClueOutcome::DataError,
];

pub fn hear(district: &mut District, chance: &mut Chance) {
    let today = district.as_of;
    for h in 0..district.households.len() {
        let home = &district.households[h];
        let often = if matches!(home.story, Story::Ordinary) { 0.002 } else { 0.02 };
        let (village, head) = (home.village, home.first);
        let here = district.people[head as usize].status == RegStatus::Active;
        if district.by_hand(h) || !here || !chance.happens(often) {
            continue;
        }
        let channel = CHANNELS[chance.weighted(CHANNELS.iter().map(|c| c.1))].0;
        let days = chance.between(1, 360);
        let received = today - Days::new(days as u64);
        let closed = (days > 20 || chance.happens(0.6))
            .then(|| received + Days::new(chance.between(0, days.min(20) - 1) as u64));
        let outcome = closed.map(|_| OUTCOMES[chance.weighted([0.39, 0.25, 0.2, 0.1, 0.04, 0.02].into_iter())]);
        let nobody = chance.happens(0.066);
        add(
            district,
            Clue {
                number: 0,
                channel,
                person: (!nobody && chance.happens(0.8)).then_some(head),
                household: (!nobody).then_some(h as u32),
                village,
                kind: *chance.one_of(&KINDS),
                urgent: chance.happens(0.08),
                received,
                closed,
                outcome,
            },
        );
    }
}

pub fn add(district: &mut District, mut clue: Clue) {
    clue.number = district.clues.len() as u32 + 1;
    district.clues.push(clue);
}
