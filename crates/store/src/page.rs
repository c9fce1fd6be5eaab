//! One page of a list.

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub total: u64,
    /// The first page is 1.
    pub page: u64,
    pub per_page: u64,
}

impl<T> Page<T> {
    /// How many pages there are; an empty list has one.
    pub fn pages(&self) -> u64 {
        self.total.div_ceil(self.per_page.max(1)).max(1)
    }

    /// Rows before this page.
    pub fn offset(page: u64, per_page: u64) -> u64 {
        page.saturating_sub(1).saturating_mul(per_page)
    }

    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            rows: self.rows.into_iter().map(f).collect(),
            total: self.total,
            page: self.page,
            per_page: self.per_page,
        }
    }
}
