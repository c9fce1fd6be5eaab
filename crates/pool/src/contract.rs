//! Finding the contract of a file by its header.

use crate::{Mapping, Refusal, spelling};
use std::collections::{BTreeMap, HashMap};
use tuodi_pack::{
    Lang, Text,
    source::{ColumnType, Source},
};

/// The header may stand below title lines, but not further down than this.
pub(crate) const HEAD_ROWS: usize = 10;

/// What a file says about itself besides its header: its name, or a first line `#source=DS09;rows=120`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hint {
    pub source: Option<String>,
    pub rows: Option<u64>,
}

impl Hint {
    /// `DS09_医保结算_202608.csv` says DS09.
    pub fn of_file_name(name: &str, sources: &[Source]) -> Hint {
        let stem: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
        Hint { source: sources.iter().map(|s| &s.id).find(|id| id.eq_ignore_ascii_case(&stem)).cloned(), rows: None }
    }

    /// A person said so.
    pub fn of_source(id: &str) -> Hint {
        Hint { source: Some(id.to_owned()), rows: None }
    }

    pub fn of_line(cell: &str) -> Option<Hint> {
        let line = spelling::bare(cell).strip_prefix('#')?;
        let mut hint = Hint::default();
        for (name, value) in line.split(';').filter_map(|part| part.split_once('=')) {
            match name.trim() {
                "source" => hint.source = Some(value.trim().to_ascii_uppercase()),
                "rows" => hint.rows = value.trim().parse().ok(),
                _ => {}
            }
        }
        hint.source.is_some().then_some(hint)
    }
}

/// A file's header, understood.
#[derive(Debug, Clone)]
pub(crate) struct Header {
    /// Index among the sources.
    pub source: usize,
    /// Index among the rows looked at.
    pub row: usize,
    /// The cells as they were written.
    pub cells: Vec<String>,
    /// For each cell the contract's column; `None` for columns that quarantine files add (`_row` and so on).
    pub columns: Vec<Option<usize>>,
    /// For each cell of money the fen in one of its unit.
    pub scales: Vec<i64>,
    /// Rows that the file's own first line promises.
    pub promised_rows: Option<u64>,
    /// Headings of which the steward said what they stand for, each with the contract's column.
    pub mapped: BTreeMap<String, String>,
}

pub(crate) struct Contracts<'a> {
    sources: &'a [Source],
    /// For each source: spelling of a header to column.
    names: Vec<HashMap<String, usize>>,
    mappings: &'a [Mapping],
}

/// What each heading stands for, and the money of which unit each cell then holds.
type Mapped = (BTreeMap<String, String>, Vec<Option<i64>>);

/// How one row fits one contract as its header.
pub(crate) struct Fit {
    pub source: usize,
    pub row: usize,
    pub columns: Vec<Option<usize>>,
    /// As the steward said it.
    mapping: Option<Mapped>,
    matched: usize,
    unknown: Vec<String>,
    doubled: Vec<String>,
    missing: Vec<usize>,
    /// The contract's optional columns that the file leaves out.
    left_out: usize,
}

impl Fit {
    fn is_exact(&self) -> bool {
        self.matched > 0 && self.unknown.is_empty() && self.doubled.is_empty() && self.missing.is_empty()
    }
}

impl<'a> Contracts<'a> {
    pub fn new(sources: &'a [Source], mappings: &'a [Mapping]) -> Contracts<'a> {
        let names = sources
            .iter()
            .map(|source| {
                let mut names = HashMap::new();
                for (i, column) in source.columns.iter().enumerate() {
                    let spellings = [&column.name, &column.title.zh, &column.title.en];
                    for spelling in spellings.into_iter().chain(&column.aliases).filter(|s| !s.is_empty()) {
                        names.entry(spelling::header_text(spelling)).or_insert(i);
                        names.entry(spelling::header(spelling).0).or_insert(i);
                    }
                }
                names
            })
            .collect();
        Contracts { sources, names, mappings }
    }

    /// Departments' contracts, and those of the platform that take files too.
    fn of_files(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.sources.len()).filter(|&i| self.sources[i].takes_files())
    }

    fn fit(&self, source: usize, row: usize, cells: &[String], mapping: Option<&Mapping>) -> Fit {
        let contract = &self.sources[source];
        let mut units = Vec::new();
        let mut fit = Fit {
            source,
            row,
            columns: Vec::with_capacity(cells.len()),
            mapping: None,
            matched: 0,
            unknown: Vec::new(),
            doubled: Vec::new(),
            missing: Vec::new(),
            left_out: 0,
        };
        let mut seen = vec![false; contract.columns.len()];
        for cell in cells {
            let text = spelling::header_text(cell);
            if text.starts_with('_') || text.is_empty() {
                fit.columns.push(None);
                units.push(None);
                continue;
            }
            let names = &self.names[source];
            let column = match mapping {
                None => names.get(&text).or_else(|| names.get(&spelling::header(cell).0)).copied(),
                Some(mapping) => {
                    let to = Mapping::heading(cell).and_then(|heading| mapping.column(&heading));
                    units.push(to.and_then(|(_, unit)| unit));
                    let Some((name, _)) = to else {
                        fit.columns.push(None);
                        continue;
                    };
                    contract.columns.iter().position(|c| c.name == name)
                }
            };
            match column {
                Some(i) if seen[i] => fit.doubled.push(cell.clone()),
                Some(i) => {
                    seen[i] = true;
                    fit.matched += 1;
                }
                None => fit.unknown.push(cell.clone()),
            }
            fit.columns.push(column);
        }
        for (i, column) in contract.columns.iter().enumerate().filter(|(i, _)| !seen[*i]) {
            // An unnamed column of a file is a column nobody can vouch for; a missing optional one is all unknown.
            if column.null { fit.left_out += 1 } else { fit.missing.push(i) }
        }
        fit.mapping = mapping.map(|mapping| (mapping.headings.clone(), units));
        fit
    }

    /// How each of these rows fits as a header: as a steward said where one did, else each contract as it stands.
    fn all_fits(&self, head: &[Vec<String>]) -> Vec<Fit> {
        let mut fits = Vec::new();
        for (row, cells) in head.iter().take(HEAD_ROWS).enumerate() {
            for source in self.of_files() {
                let id = &self.sources[source].id;
                let said = self.mappings.iter().find(|m| m.source == *id && m.fits(cells));
                fits.extend(said.map(|mapping| self.fit(source, row, cells, Some(mapping))));
                fits.push(self.fit(source, row, cells, None));
            }
        }
        fits
    }

    /// The row among the first ones that comes nearest to a header: of this source, or of any.
    pub fn nearest(&self, head: &[Vec<String>], source: Option<&str>) -> Option<Fit> {
        let filled = |row: usize| head[row].iter().filter(|cell| !spelling::bare(cell).is_empty()).count();
        let wanted = |f: &Fit| source.is_none_or(|id| self.sources[f.source].id == id);
        let fits = self.all_fits(head).into_iter().filter(|f| wanted(f) && filled(f.row) > 1);
        fits.max_by_key(|f| (f.matched, f.mapping.is_some(), filled(f.row), std::cmp::Reverse((f.row, f.source))))
    }

    /// Whether these first rows of a sheet hold a header that fits some contract wholly.
    pub fn fits(&self, head: &[Vec<String>]) -> bool {
        self.all_fits(head).iter().any(Fit::is_exact)
    }

    /// The header among a file's first rows.
    pub fn find(&self, head: &[Vec<String>], by_name: &Hint) -> Result<Header, Refusal> {
        let by_line = head.iter().take(2).find_map(|cells| Hint::of_line(&cells.join(";")));
        let promised_rows = by_line.as_ref().and_then(|hint| hint.rows);
        let hinted = by_line.and_then(|hint| hint.source).or_else(|| by_name.source.clone());
        let head = &head[..head.len().min(HEAD_ROWS)];
        let fits = self.all_fits(head);
        let mut exact: Vec<&Fit> = fits.iter().filter(|f| f.is_exact()).collect();
        if exact.iter().any(|f| f.mapping.is_some()) {
            exact.retain(|f| f.mapping.is_some());
        }
        let first_row = exact.iter().map(|f| f.row).min();
        exact.retain(|f| Some(f.row) == first_row);
        if let Some(id) = &hinted {
            let Some(named) = self.of_files().find(|&i| self.sources[i].id == *id) else {
                return Err(no_such_source(id));
            };
            if let Some(other) = exact.first()
                && !exact.iter().any(|f| f.source == named)
            {
                return Err(self.other_source(named, other));
            }
            exact.retain(|f| f.source == named);
        } else {
            // Where several contracts could hold the header, the one it fills completely is meant.
            let least = exact.iter().map(|f| f.left_out).min();
            exact.retain(|f| Some(f.left_out) == least);
        }
        match exact[..] {
            [fit] => Ok(self.header(fit, head, promised_rows)),
            [] => Err(self.none_fits(&fits, hinted.as_deref())),
            [..] => Err(self.several_fit(&exact)),
        }
    }

    fn header(&self, fit: &Fit, head: &[Vec<String>], promised_rows: Option<u64>) -> Header {
        let mapped = fit.mapping.as_ref().map(|(said, _)| said.clone()).unwrap_or_default();
        let mut cells = head[fit.row].clone();
        let of_sheet = head[..fit.row].iter().flatten().find_map(|cell| spelling::sheet_unit(cell));
        let contract = &self.sources[fit.source];
        let mut scales = vec![1; cells.len()];
        for (i, cell) in cells.iter_mut().enumerate() {
            if fit.columns[i].is_none_or(|c| contract.columns[c].kind != ColumnType::Money) {
                continue;
            }
            let own = spelling::header(cell).1;
            let said = fit.mapping.as_ref().and_then(|(_, units)| units[i]).or(of_sheet);
            scales[i] = own.or(said).unwrap_or(1);
            // The unit goes into the header, or rows that come back from quarantine would lose it.
            if let (None, Some(unit)) = (own, said.and_then(spelling::unit_name)) {
                cell.push_str(&format!("（{unit}）"));
            }
        }
        Header { source: fit.source, row: fit.row, cells, columns: fit.columns.clone(), scales, promised_rows, mapped }
    }

    fn called(&self, source: usize) -> Text {
        let s = &self.sources[source];
        Text::new(format!("《{}》（{}）", s.title.zh, s.id), format!("{} ({})", s.title.en, s.id))
    }

    fn other_source(&self, named: usize, found: &Fit) -> Refusal {
        let (named, found_name) = (self.called(named), self.called(found.source));
        Refusal::new(
            row_place(found.row),
            Text::new(
                format!("文件自称是{}，但表头是{}的", named.zh, found_name.zh),
                format!("the file calls itself {}, but its columns are those of {}", named.en, found_name.en),
            ),
            Text::new(
                "请核对是否发错文件；若内容无误，请改正文件名或首行说明",
                "check that this is the file meant; if it is, correct its name or its first line",
            ),
        )
    }

    fn several_fit(&self, fits: &[&Fit]) -> Refusal {
        let names: Vec<Text> = fits.iter().map(|f| self.called(f.source)).collect();
        let zh: Vec<&str> = names.iter().map(|n| n.zh.as_str()).collect();
        let en: Vec<&str> = names.iter().map(|n| n.en.as_str()).collect();
        Refusal::new(
            row_place(fits[0].row),
            Text::new(
                format!("表头同时符合{}，无法判断是哪一个", zh.join("、")),
                format!("the columns fit several contracts: {}", en.join(", ")),
            ),
            Text::new(
                "请在文件名开头写上数据源编号，例如 DS09_",
                "put the source's id at the beginning of the file's name, for example DS09_",
            ),
        )
    }

    fn none_fits(&self, fits: &[Fit], hinted: Option<&str>) -> Refusal {
        let candidates = fits.iter().filter(|f| hinted.is_none_or(|id| self.sources[f.source].id == id));
        let Some(best) = candidates.filter(|f| f.matched > 0 && f.mapping.is_none()).max_by_key(|f| {
            (f.matched, std::cmp::Reverse(f.unknown.len() + f.missing.len()), std::cmp::Reverse(f.row))
        }) else {
            return no_header();
        };
        // Too little in common: the row may hold people's data, and must not be quoted.
        if best.matched < 2 || best.matched * 3 < best.columns.len() {
            return no_header();
        }
        let contract = &self.sources[best.source];
        let called = self.called(best.source);
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        if !best.missing.is_empty() {
            let titles: Vec<&str> = best.missing.iter().map(|&i| contract.columns[i].title.get(Lang::Zh)).collect();
            let names: Vec<&str> = best.missing.iter().map(|&i| contract.columns[i].name.as_str()).collect();
            zh.push(format!("缺少必需的列：{}", titles.join("、")));
            en.push(format!("missing column: {}", names.join(", ")));
        }
        if !best.unknown.is_empty() {
            let names: Vec<String> = best.unknown.iter().map(|cell| quotable(cell)).collect();
            zh.push(format!("有不认识的列：{}", names.join("、")));
            en.push(format!("unknown column: {}", names.join(", ")));
        }
        if !best.doubled.is_empty() {
            let names: Vec<String> = best.doubled.iter().map(|cell| quotable(cell)).collect();
            zh.push(format!("同一列出现两次：{}", names.join("、")));
            en.push(format!("the same column twice: {}", names.join(", ")));
        }
        Refusal::new(
            row_place(best.row),
            Text::new(
                format!("表头最接近{}的约定，但{}", called.zh, zh.join("；")),
                format!("the columns come nearest to {}, but: {}", called.en, en.join("; ")),
            ),
            Text::new(
                "请按数据约定改正表头后重新发送；约定之外的列请删去",
                "correct the header as the contract says and send the file again; leave out columns it does not name",
            ),
        )
    }
}

fn no_such_source(id: &str) -> Refusal {
    let id = quotable(id);
    Refusal::whole(
        Text::new(
            format!("文件自称来自 {id}，政策包里没有这个数据源"),
            format!("the file calls itself {id}, and the pack has no such source"),
        ),
        Text::new("请核对文件名或首行说明", "check its name or its first line"),
    )
}

fn no_header() -> Refusal {
    Refusal::new(
        Text::new("前10行", "first 10 rows"),
        Text::new("没有找到符合任何数据约定的表头，也没有接近的", "no header here fits a contract, or comes near one"),
        Text::new(
            "请确认文件有表头，列名与数据约定一致，且是部门数据文件",
            "make sure that the file has a header with the contract's column names and is a department's file",
        ),
    )
}

pub(crate) fn row_place(row: usize) -> Text {
    Text::new(format!("第{}行", row + 1), format!("row {}", row + 1))
}

/// A header cell fit for an error: short, and with no digits that could be somebody's number.
pub(crate) fn quotable(cell: &str) -> String {
    let mut out = String::new();
    let mut run = 0;
    for c in cell.trim().chars().filter(|c| !c.is_control()).take(40) {
        run = if c.is_ascii_digit() { run + 1 } else { 0 };
        out.push(if run > 4 { '*' } else { c });
    }
    out
}
