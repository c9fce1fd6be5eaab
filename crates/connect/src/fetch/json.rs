//! A page of rows as JSON, read as it comes: a list of objects, or `{"rows": […], "next": "…", "total": n}`.

use super::FetchError;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::{fmt, io::Read};

/// What a page said besides its rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub rows: u64,
    /// Address of the next one.
    pub next: Option<String>,
    /// Rows of the whole list.
    pub total: Option<u64>,
}

type Put<'a> = dyn FnMut(&[u8]) -> Result<(), FetchError> + 'a;

/// Gives each row as a line.
pub fn rows(body: impl Read, put: &mut Put<'_>) -> Result<Page, FetchError> {
    let mut sink = Sink { put, failed: None, page: Page::default() };
    let mut json = serde_json::Deserializer::from_reader(std::io::BufReader::new(body));
    let read = Top(&mut sink).deserialize(&mut json).and_then(|()| json.end());
    match (sink.failed, read) {
        (Some(failed), _) => Err(failed),
        (None, Ok(())) => Ok(sink.page),
        (None, Err(e)) => match e.io_error_kind() {
            Some(kind) => Err(super::web::broken_off(&kind.into())),
            // Only where, never what: the text may be about people.
            None => Err(FetchError::Garbled(format!(
                "no list of objects in JSON at line {}, column {}",
                e.line(),
                e.column()
            ))),
        },
    }
}

struct Sink<'a, 'p> {
    put: &'a mut Put<'p>,
    /// What stopped the writing: the parser's own error only says that it was stopped.
    failed: Option<FetchError>,
    page: Page,
}

struct Top<'s, 'a, 'p>(&'s mut Sink<'a, 'p>);

impl<'de> DeserializeSeed<'de> for Top<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Top<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects, or an object with one in `rows`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(row) = list.next_element::<Map<String, Value>>()? {
            self.0.page.rows += 1;
            let mut line = serde_json::to_vec(&row).map_err(A::Error::custom)?;
            line.push(b'\n');
            if let Err(failed) = (self.0.put)(&line) {
                self.0.failed = Some(failed);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "rows" => {
                    found = true;
                    members.next_value_seed(Rows(self.0))?;
                }
                "next" => self.0.page.next = members.next_value::<Option<String>>()?.filter(|n| !n.is_empty()),
                "total" => self.0.page.total = members.next_value()?,
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        if found { Ok(()) } else { Err(A::Error::missing_field("rows")) }
    }
}

/// A list, and nothing else.
struct Rows<'s, 'a, 'p>(&'s mut Sink<'a, 'p>);

impl<'de> DeserializeSeed<'de> for Rows<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_seq(Top(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Page, String), String> {
        let mut lines = Vec::new();
        let page = rows(text.as_bytes(), &mut |line| {
            lines.extend_from_slice(line);
            Ok(())
        });
        page.map(|page| (page, String::from_utf8(lines).unwrap())).map_err(|e| e.to_string())
    }

    #[test]
    fn rows_become_lines_whichever_way_they_are_wrapped() {
        let lines = "{\"户号\":\"W1\",\"量\":1.5}\n{}\n".to_owned();
        assert_eq!(
            read("[{\"户号\": \"W1\",\n \"量\": 1.5}, {}]"),
            Ok((Page { rows: 2, ..Page::default() }, lines.clone()))
        );
        let page = Page { rows: 2, next: Some("/b".to_owned()), total: Some(9) };
        let wrapped =
            "{\"took\": {\"ms\": 3}, \"rows\": [{\"户号\":\"W1\",\"量\":1.5}, {}], \"next\": \"/b\", \"total\": 9}";
        assert_eq!(read(wrapped), Ok((page, lines)));
        assert_eq!(read("{\"rows\": [], \"next\": null}").unwrap().0, Page::default());
    }

    #[test]
    fn what_is_no_list_of_objects_is_told_without_quoting_it() {
        for text in ["[{\"a\": 1}", "[1]", "7", "{\"error\": \"刘桂芬\"}", "{\"rows\": {}}", "[]]", "<html>"] {
            let told = read(text).unwrap_err();
            assert!(told.contains("line 1, column") && !told.contains("刘桂芬"), "{text}: {told}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_stops_the_reading() {
        let stopped = rows("[{}, {}]".as_bytes(), &mut |_| Err(FetchError::TooLarge(7)));
        assert!(matches!(stopped, Err(FetchError::TooLarge(7))));
    }
}
