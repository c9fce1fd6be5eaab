//! The tests of this room from outside, in one program: each that links everything would be some 150 MB on disk and a
//! minute of linking.

mod appeals;
mod appraisals;
mod batch;
mod common;
mod compare;
mod consent;
mod courses;
mod crossing;
mod emergency;
mod extension;
mod journey;
mod killed_run;
mod kin;
mod known;
mod life;
mod lives;
mod living;
mod machine;
mod mandate;
mod matters;
mod money;
mod objections;
mod papers;
mod platform;
mod raters;
mod reassess;
mod refusals;
mod rounds;
mod rulings;
mod statistics;
mod verify;
mod visits;
mod voices;
mod walk;
mod work;
