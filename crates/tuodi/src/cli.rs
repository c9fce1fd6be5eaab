//! The verbs and their arguments. Others script against them (design.md section 8): add, do not change.

mod bench;

pub use bench::{BenchCheck, BenchIncremental, BenchLink, BenchLoad, BenchPass, BenchVerb, BenchVerify, EngineArgs};

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf};

/// 托底 Tuodi: social assistance from a department's file to a payment list, with reasons and proof.
#[derive(Debug, Parser)]
#[command(name = "tuodi", version, about, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
    /// Print one JSON object on standard output; messages go to standard error.
    #[arg(long, global = true)]
    pub json: bool,
}

/// Where an installation lives.
#[derive(Debug, Clone, Args)]
pub struct Data {
    /// The installation's folder.
    #[arg(long = "data", value_name = "DIR")]
    pub dir: PathBuf,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write a fictional district the way its departments would send it, with a truth folder.
    Synth(Synth),
    /// Make an empty installation.
    Init(Init),
    /// Take departments' files into the data pool.
    Intake(Intake),
    /// Batches that were taken: undo one, or take it up again.
    #[command(subcommand)]
    Batch(BatchVerb),
    /// Evaluate every household: facts, tier and amount, alerts; store the findings and open tasks.
    Pass(Pass),
    /// Try other values of the pack's parameters on everybody: who gains, who loses, what it costs.
    Simulate(Simulate),
    /// The six dimensions over the district: how many are poor in several of them, and how deeply.
    Poverty(Poverty),
    /// Evaluate one household, with reasons.
    Check(Check),
    /// Verify a household's means with every source that its adults have authorised; the report.
    Verify(Verify),
    /// Make a case's past findings again from what they rested on; say what today's rules or later data would say.
    Replay(Replay),
    /// Compare stored findings with a truth folder.
    Compare(Compare),
    /// Find rows about the same person in one file or in two, also without a usable citizen number.
    Link(Link),
    /// Check, test, print, compare policy packs.
    #[command(subcommand)]
    Pack(PackVerb),
    /// The tamper-evident journal.
    #[command(subcommand)]
    Journal(JournalVerb),
    /// Accounts.
    #[command(subcommand)]
    User(UserVerb),
    /// Rows that were put aside at intake.
    #[command(subcommand)]
    Quarantine(QuarantineVerb),
    /// Serve the portals.
    Serve(Serve),
    /// Measure this installation; figures, not tests.
    #[command(subcommand)]
    Bench(BenchVerb),
}

#[derive(Debug, Args)]
pub struct Synth {
    /// Folder to write; must be empty or absent.
    #[arg(long)]
    pub out: PathBuf,
    /// How many people live in the district.
    #[arg(long, default_value_t = 30_000, value_parser = clap::value_parser!(u64).range(1_000..=10_000_000))]
    pub people: u64,
    /// The same seed gives the same district.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Tidy files: UTF-8, one date form, no broken rows.
    #[arg(long)]
    pub clean: bool,
    /// The day on which the departments send their files.
    #[arg(long, default_value = "2026-09-01")]
    pub as_of: NaiveDate,
    /// Exactly so many people on a disability living or nursing subsidy; without it as many as chance gives.
    #[arg(long)]
    pub subsidy_recipients: Option<u64>,
    /// With --subsidy-recipients: exactly so many of them are on the roster of destitute persons too.
    #[arg(long, default_value_t = 0, requires = "subsidy_recipients")]
    pub overlaps: u64,
    /// Policy pack whose regions, contracts and questionnaire the district follows.
    #[arg(long)]
    pub pack: Option<PathBuf>,
    #[command(flatten)]
    pub linkage: SynthLinkage,
}

/// Files to try `tuodi link` on, instead of a district.
#[derive(Debug, Args)]
pub struct SynthLinkage {
    /// Instead of a district: two files of so many rows each about mostly the same people, with slips, and the truth.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(100..=5_000_000))]
    pub linkage: Option<u64>,
    /// With --linkage: one file in which one row in five is about somebody who is there already.
    #[arg(long, requires = "linkage")]
    pub one_file: bool,
    /// With --linkage: share of citizen numbers that are missing or wrong.
    #[arg(long, default_value_t = 0.05, requires = "linkage", value_parser = share)]
    pub broken: f64,
    /// With --linkage: no column of citizen numbers.
    #[arg(long, requires = "linkage")]
    pub without_numbers: bool,
    /// With --linkage: share of each file's people who are in the other too.
    #[arg(long, default_value_t = 0.8, requires = "linkage", value_parser = share)]
    pub overlap: f64,
}

fn share(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| "write a share from 0 to 1".to_owned())
}

#[derive(Debug, Args)]
pub struct Link {
    /// A table of people as CSV (UTF-8 or GB18030).
    pub left: PathBuf,
    /// A second one; without it, rows of the first are looked for that are about the same person.
    pub right: Option<PathBuf>,
    /// What is compared and how; packs/qingyan/linkage.toml is an example.
    #[arg(long)]
    pub config: PathBuf,
    /// File of pairs to write.
    #[arg(long)]
    pub out: PathBuf,
    /// CSV with the columns record and person; prints precision, recall and the threshold curve.
    #[arg(long)]
    pub truth: Option<PathBuf>,
    /// The same seed draws the same random pairs.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

#[derive(Debug, Args)]
pub struct Init {
    #[command(flatten)]
    pub data: Data,
    /// The policy pack's folder.
    #[arg(long)]
    pub pack: PathBuf,
    /// Database; SQLite in the installation's folder unless given (postgres://…).
    #[arg(long)]
    pub db: Option<String>,
}

#[derive(Debug, Args)]
pub struct Intake {
    /// Files, or folders of files.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub data: Data,
    /// Say what would be taken and what not; change nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Dates later than this are in the future; today unless given.
    #[arg(long)]
    pub as_of: Option<NaiveDate>,
}

#[derive(Debug, Args)]
pub struct Pass {
    #[command(flatten)]
    pub data: Data,
    #[arg(long)]
    pub as_of: NaiveDate,
    /// Also copy households.parquet and alerts.parquet here.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Compute everybody again, also where only a few batches have come since the pass before.
    #[arg(long)]
    pub full: bool,
    /// Print the statements as the engine runs them; run nothing.
    #[arg(long)]
    pub sql: bool,
    /// Where plans run: `local` (in this process).
    #[arg(long, default_value = "local", value_parser = ["local"])]
    pub engine: String,
}

#[derive(Debug, Args)]
pub struct Simulate {
    #[command(flatten)]
    pub data: Data,
    #[arg(long)]
    pub as_of: NaiveDate,
    /// PARAMETER=VALUE in the parameter's own unit, or in yuan as 1020元; PARAMETER@REGION=VALUE for one region.
    /// A dotted name is the same name with its money in yuan: dibao_standard.urban=1020. May be repeated.
    #[arg(long, value_name = "PARAMETER=VALUE")]
    pub set: Vec<String>,
    /// A second scenario to stand beside the first, written in the same way. May be repeated.
    #[arg(long, value_name = "PARAMETER=VALUE")]
    pub against: Vec<String>,
    /// Names of the scenarios, the first that of --set.
    #[arg(long, value_name = "NAME")]
    pub scenario: Vec<String>,
    /// Where support falls as income rises, what is held together, who is entitled and on no list.
    #[arg(long)]
    pub cliffs: bool,
    /// Also write the figures as an Excel workbook.
    #[arg(long, value_name = "FILE")]
    pub xlsx: Option<PathBuf>,
    /// `zh-CN` or `en`.
    #[arg(long, default_value = "zh-CN")]
    pub lang: String,
}

#[derive(Debug, Args)]
pub struct Poverty {
    #[command(flatten)]
    pub data: Data,
    #[arg(long)]
    pub as_of: NaiveDate,
    /// `zh-CN` or `en`.
    #[arg(long, default_value = "zh-CN")]
    pub lang: String,
}

#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub data: Data,
    #[arg(long)]
    pub household: i64,
    #[arg(long)]
    pub as_of: NaiveDate,
    /// Over what had arrived by the end of this day, without what came later
    #[arg(long)]
    pub known_at: Option<NaiveDate>,
    /// What the data are read for: verification or reverification, which every adult of the household must have
    /// authorised; monitoring, which the law allows; or service. Unless given, verification where it is authorised and
    /// monitoring else. Sources whose agreement does not cover it are withheld
    #[arg(long, value_parser = purpose)]
    pub purpose: Option<tuodi_pack::Purpose>,
    /// Language of the plain answer: zh or en
    #[arg(long, default_value = "zh", value_parser = language)]
    pub lang: tuodi_pack::Lang,
}

/// Statistics are of everybody, never of one household.
fn purpose(id: &str) -> Result<tuodi_pack::Purpose, String> {
    let known = tuodi_pack::Purpose::from_id(id).filter(|p| *p != tuodi_pack::Purpose::Statistics);
    known.ok_or_else(|| "write verification, reverification, monitoring or service".to_owned())
}

#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    pub data: Data,
    #[arg(long, required_unless_present = "list", requires = "as_of")]
    pub household: Option<i64>,
    #[arg(long)]
    pub as_of: Option<NaiveDate>,
    /// Instead of one household: a CSV or Excel file with a citizen number or a household's number a line, held against
    /// the newest pass.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["household", "as_of"])]
    pub list: Option<PathBuf>,
    /// What for, by the pack's verification.toml; that of applications unless given.
    #[arg(long)]
    pub purpose: Option<String>,
    /// Language of the plain report: zh or en
    #[arg(long, default_value = "zh", value_parser = language)]
    pub lang: tuodi_pack::Lang,
}

fn language(tag: &str) -> Result<tuodi_pack::Lang, String> {
    tuodi_pack::Lang::from_tag(tag).ok_or_else(|| "write zh or en".to_owned())
}

#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    pub data: Data,
    /// The case's number.
    #[arg(long)]
    pub case: String,
    /// Only this report of the case.
    #[arg(long)]
    pub report: Option<i64>,
}

#[derive(Debug, Args)]
pub struct Compare {
    #[command(flatten)]
    pub data: Data,
    /// The truth folder that `synth` wrote.
    #[arg(long)]
    pub truth: PathBuf,
}

#[derive(Debug, Subcommand)]
pub enum PackVerb {
    /// Every problem of the pack with file, line and fix, and what it holds.
    Check {
        pack: PathBuf,
        /// Also list what may be meant so: facts that nothing reads.
        #[arg(long)]
        hints: bool,
    },
    /// Run the pack's worked cases through the check and the pass.
    Test {
        pack: PathBuf,
        /// Only this case; may be repeated. `m001*` stands for all that begin so.
        #[arg(long = "case", value_name = "ID")]
        cases: Vec<String>,
    },
    /// Write the pack as a handbook of web pages for officers and the public; they need no server.
    Doc {
        pack: PathBuf,
        /// Folder to write.
        #[arg(long)]
        out: PathBuf,
        /// Only this language, `zh-CN` or `en`; all the pack's languages unless given.
        #[arg(long)]
        lang: Option<String>,
    },
    /// What changed between two packs, and from when, in words.
    Diff {
        old: PathBuf,
        new: PathBuf,
        /// `zh-CN` or `en`.
        #[arg(long, default_value = "zh-CN")]
        lang: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum JournalVerb {
    /// Prove that nothing was changed or removed.
    Verify {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Debug, Subcommand)]
pub enum UserVerb {
    /// The accounts.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Add an account; the password is read from standard input.
    Add {
        #[command(flatten)]
        data: Data,
        /// Name to sign in with.
        #[arg(long)]
        account: String,
        /// Name shown to colleagues.
        #[arg(long)]
        name: String,
        /// Role, such as `township_officer`.
        #[arg(long)]
        role: String,
        /// Code of the region that the account works for.
        #[arg(long)]
        region: String,
    },
    /// One account a role for trying the demonstration district; works only under `serve --demo`.
    Demo {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Debug, Subcommand)]
pub enum QuarantineVerb {
    /// Batches with rows put aside.
    List {
        #[command(flatten)]
        data: Data,
    },
    /// Write a batch's rows with their reasons as CSV, to be corrected and sent again.
    Export {
        #[command(flatten)]
        data: Data,
        #[arg(long)]
        batch: String,
        #[arg(long)]
        out: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub enum BatchVerb {
    /// The batch counts no longer: no new snapshot holds it. Nothing is removed.
    Undo {
        #[command(flatten)]
        data: Data,
        #[arg(long)]
        batch: String,
        /// For the journal.
        #[arg(long)]
        why: String,
    },
    /// A batch that was undone counts again.
    Redo {
        #[command(flatten)]
        data: Data,
        #[arg(long)]
        batch: String,
        /// For the journal.
        #[arg(long)]
        why: String,
    },
}

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    pub data: Data,
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// People reach the pages by https: a proxy in front ends TLS. Cookies are then marked Secure.
    #[arg(long)]
    pub tls: bool,
    /// Offer the demonstration accounts on the sign-in page.
    #[arg(long)]
    pub demo: bool,
}
