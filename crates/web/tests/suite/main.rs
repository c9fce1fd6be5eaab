//! The tests of this room from outside, in one program: each that links everything would be some 150 MB on disk and a
//! minute of linking.

mod appeals;
mod bureau;
mod citizen;
mod conflicts;
mod crossing;
mod desk;
mod feeds;
mod field;
mod gate;
mod library;
mod linkage;
mod matters;
mod money;
mod office;
mod papers;
mod public;
mod push;
mod questions;
mod support;
mod trials;
mod verify;
mod voices;
mod ways;
mod words;
