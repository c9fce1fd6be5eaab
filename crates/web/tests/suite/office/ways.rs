//! The ways in as a pool would answer them: one file that needs its headings explained, one batch with two open rows.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::{
    io::Write,
    sync::{Mutex, PoisonError},
};
use tuodi_access::Actor;
use tuodi_inbox::Job;
use tuodi_pack::Text;
use tuodi_web::{
    BatchStanding, BatchWord, Cells, DataError, Incoming, OpenRow, OpenRows, SayError, Seen, SeenHeading, SeenValue,
    WaysIn,
};

pub const LIMIT: u64 = 4_096;

pub struct Ways {
    spool: tempfile::TempDir,
    pub words: Mutex<Vec<BatchWord>>,
    pub mended: Mutex<Vec<(i64, Vec<String>)>>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ways {
    pub fn new() -> Ways {
        let spool = tempfile::tempdir().expect("a temporary folder");
        Ways { spool, words: Mutex::default(), mended: Mutex::default() }
    }

    /// What was received for a job.
    pub fn file(&self, job: &str) -> Option<Vec<u8>> {
        std::fs::read(self.spool.path().join(job)).ok()
    }

    pub fn files(&self) -> usize {
        std::fs::read_dir(self.spool.path()).expect("the spool is there").count()
    }
}

/// As it comes; the real one seals.
struct Plain(std::fs::File);

impl Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl Incoming for Plain {
    fn finish(self: Box<Self>) -> std::io::Result<()> {
        self.0.sync_all()
    }
}

#[async_trait]
impl WaysIn for Ways {
    fn limit(&self) -> u64 {
        LIMIT
    }

    fn create(&self, job: &str, _: &str) -> Result<Box<dyn Incoming>, DataError> {
        Ok(Box::new(Plain(std::fs::File::create(self.spool.path().join(job)).expect("the spool can be written"))))
    }

    fn drop_file(&self, job: &str) {
        let _ = std::fs::remove_file(self.spool.path().join(job));
    }

    fn wake(&self) {}

    fn progress(&self, _: &str) -> Option<u64> {
        Some(1_200)
    }

    async fn look(&self, job: &Job) -> Result<Vec<Seen>, DataError> {
        let strange = self.file(&job.id).is_some_and(|bytes| bytes.starts_with("票号".as_bytes()));
        let heading = |text: &str, column: Option<&str>| SeenHeading {
            text: text.to_owned(),
            key: text.to_owned(),
            column: column.map(str::to_owned),
        };
        let value = |raw: &str, taken: &str| SeenValue {
            raw: raw.to_owned(),
            taken: (!taken.is_empty()).then(|| taken.to_owned()),
            reason: taken.is_empty().then(|| Text::new("日期不存在", "no such date")),
        };
        let refusal = strange.then(|| {
            [
                Text::new("第1行", "row 1"),
                Text::new("缺少必需的列", "missing column"),
                Text::new("请改正表头", "correct the header"),
            ]
        });
        Ok(vec![Seen {
            file: "a.csv".to_owned(),
            encoding: Some("UTF-8".to_owned()),
            source: Some("DS26".to_owned()),
            headings: vec![heading("票号", None), heading("类别", Some("kind")), heading("备注", None)],
            rows: if strange { vec![] } else { vec![vec![value("9*", "9*"), value("水", "water"), value("?", "")]] },
            refusal,
        }])
    }

    async fn cells(&self, file: &str) -> Result<Cells, DataError> {
        let bytes = self.file(file).unwrap_or_default();
        let Ok(text) = String::from_utf8(bytes) else {
            return Ok(Err([
                Text::new("整个文件", "whole file"),
                Text::new("这不是表格", "this is no table"),
                Text::new("请另存为 CSV", "save it as CSV"),
            ]));
        };
        Ok(Ok(text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()))
    }

    async fn typed(
        &self,
        rows: Vec<Vec<String>>,
        _: &str,
    ) -> Result<Result<Vec<tuodi_casework::verify::ReplyRow>, [Text; 3]>, DataError> {
        let own = tuodi_casework::verify::ROUND_COLUMNS.len();
        let reply = |(at, mut cells): (usize, Vec<String>)| {
            cells.resize(own, String::new());
            tuodi_casework::verify::ReplyRow {
                row: at + 1,
                own: cells,
                values: serde_json::Map::new(),
                problems: Vec::new(),
            }
        };
        Ok(Ok(rows.into_iter().enumerate().skip(1).map(reply).collect()))
    }
    async fn standing(&self, batch: &str) -> Result<Option<BatchStanding>, DataError> {
        let words = locked(&self.words).clone();
        let undone = words.last().is_some_and(|w| w.undone);
        Ok(Some(BatchStanding {
            counts: !undone,
            held: false,
            undone,
            sent_in: batch == "b-2",
            open: u64::from(batch == "b-2"),
            corrects: None,
            corrected_by: vec![],
            words,
        }))
    }

    async fn open_rows(&self, batch: &str) -> Result<Option<OpenRows>, DataError> {
        let row = |row: i64, date: &str| OpenRow {
            row,
            cells: vec!["某人".to_owned(), date.to_owned()],
            problems: vec![("死亡日期".to_owned(), "日期不存在 / no such date".to_owned())],
        };
        if batch == "b-3" {
            let cells = vec!["刘桂芬".to_owned(), "990102195703160".to_owned(), "2026-10-01".to_owned()];
            let problems = vec![("身份证号".to_owned(), "身份号码不对 / not a citizen number".to_owned())];
            return Ok(Some(OpenRows {
                source: "DS02".to_owned(),
                headings: vec!["姓名".to_owned(), "身份证号".to_owned(), "死亡日期".to_owned()],
                rows: vec![OpenRow { row: 7, cells, problems }],
            }));
        }
        Ok((batch == "b-2").then(|| OpenRows {
            source: "DS02".to_owned(),
            headings: vec!["姓名".to_owned(), "死亡日期".to_owned()],
            rows: vec![row(4, "2026-02-30"), row(9, "2026-13-01")],
        }))
    }

    async fn mend(&self, job: &str, _: &str, rows: Vec<(i64, Vec<String>)>) -> Result<u64, DataError> {
        std::fs::write(self.spool.path().join(job), "x").expect("the spool can be written");
        *locked(&self.mended) = rows;
        Ok(1)
    }

    async fn say(&self, actor: &Actor, batch: &str, undo: bool, why: &str, now: DateTime<Utc>) -> Result<(), SayError> {
        match batch {
            "b-1" => Err(SayError::Refused("platform")),
            _ => {
                let who = actor.account.clone();
                locked(&self.words).push(BatchWord { undone: undo, at: now, who, why: why.to_owned() });
                Ok(())
            }
        }
    }
}
