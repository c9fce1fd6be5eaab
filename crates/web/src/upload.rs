//! Forms that carry a file: the fields as typed, and the file, in memory where it is small or on its way into the spool.
//! Whatever is wrong with the file, what was typed comes back.

use crate::{Cx, WebError, form::Fields};
use axum::extract::{
    Multipart,
    multipart::{Field, MultipartError},
};
use std::io::Write;

/// All typed fields together: a list of 300,000 people fits.
const TYPED: usize = 8 * 1024 * 1024;

/// A file as it came with a form.
#[derive(Debug)]
pub enum Sent<T> {
    /// The field was left empty.
    Nothing,
    TooLarge,
    File(T),
}

/// Takes a piece of the file; `false` where it is too much.
type Take<'a> = dyn FnMut(&str, &[u8]) -> Result<bool, WebError> + Send + 'a;

/// The connection was lost on the way.
fn cut_off(_: MultipartError) -> WebError {
    WebError::Conflict("ways.problem.cut_off")
}

/// A browser that is cut off in the middle of a file shows its own error instead of our page: what is not too much is
/// received to its end and dropped.
const DRAINED: usize = 256 * 1024 * 1024;

async fn drain(field: &mut Field<'_>) {
    let mut dropped = 0;
    while let Ok(Some(piece)) = field.chunk().await {
        dropped += piece.len();
        if dropped > DRAINED {
            return;
        }
    }
}

/// The fields of a form, and the name of its file where it was sent whole.
async fn read(mut form: Multipart, file: &str, take: &mut Take<'_>) -> Result<(Fields, Sent<String>), WebError> {
    let (mut fields, mut sent, mut typed) = (Fields::new(), Sent::Nothing, 0);
    while let Some(mut field) = form.next_field().await.map_err(cut_off)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == file {
            let called = field.file_name().unwrap_or_default().to_owned();
            let mut any = false;
            while let Some(piece) = field.chunk().await.map_err(cut_off)? {
                any |= !piece.is_empty();
                if !take(&called, &piece)? {
                    // The rest of the form lies behind what will not be read; our pages put files last.
                    drain(&mut field).await;
                    return Ok((fields, Sent::TooLarge));
                }
            }
            if any {
                sent = Sent::File(called);
            }
            continue;
        }
        let mut value = Vec::new();
        while let Some(piece) = field.chunk().await.map_err(cut_off)? {
            typed += piece.len();
            if typed > TYPED {
                return Err(WebError::TooLarge);
            }
            value.extend_from_slice(&piece);
        }
        fields.insert(name, String::from_utf8_lossy(&value).into_owned());
    }
    Ok((fields, sent))
}

/// One part of a form with several files.
pub enum Part {
    Field(String, String),
    /// The field it came in, and the file.
    File(String, Sent<Vec<u8>>),
}

/// The next part of a form that carries several files, one in memory at a time; `room` is what may still be typed.
pub async fn next(
    form: &mut Multipart,
    files: &[&str],
    most: usize,
    room: &mut usize,
) -> Result<Option<Part>, WebError> {
    let Some(mut field) = form.next_field().await.map_err(cut_off)? else { return Ok(None) };
    let name = field.name().unwrap_or_default().to_owned();
    let is_file = files.contains(&name.as_str());
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(cut_off)? {
        bytes.extend_from_slice(&piece);
        if is_file && bytes.len() > most {
            drain(&mut field).await;
            return Ok(Some(Part::File(name, Sent::TooLarge)));
        }
        if !is_file {
            *room = room.checked_sub(piece.len()).ok_or(WebError::TooLarge)?;
        }
    }
    Ok(Some(match (is_file, bytes.is_empty()) {
        (false, _) => Part::Field(name, String::from_utf8_lossy(&bytes).into_owned()),
        (true, true) => Part::File(name, Sent::Nothing),
        (true, false) => Part::File(name, Sent::File(bytes)),
    }))
}

/// A small file, such as a scan.
pub async fn in_memory(form: Multipart, file: &str, most: usize) -> Result<(Fields, Sent<Vec<u8>>), WebError> {
    let mut bytes = Vec::new();
    let (fields, sent) = read(form, file, &mut |_, piece| {
        bytes.extend_from_slice(piece);
        Ok(bytes.len() <= most)
    })
    .await?;
    let sent = match sent {
        Sent::Nothing => Sent::Nothing,
        Sent::TooLarge => Sent::TooLarge,
        Sent::File(_) => Sent::File(bytes),
    };
    Ok((fields, sent))
}

/// What a table holds that came with a form.
pub enum Table {
    Nothing,
    Rows(Vec<Vec<String>>),
    /// Where it cannot be used: what is wrong and what to do, in the reader's words.
    Wrong(String),
}

/// A table of any kind that intake reads. It lies sealed while it is read, and is dropped.
pub async fn table(cx: &Cx, form: Multipart, file: &str) -> Result<(Fields, Table), WebError> {
    let ways = &cx.state.ways;
    let id = uuid::Uuid::new_v4().simple().to_string();
    let done = spooled(cx, form, file, &id).await;
    let table = match done {
        Ok((fields, Sent::File(()))) => ways.cells(&id).await.map(|cells| (fields, read_table(cx, cells))),
        Ok((fields, Sent::Nothing)) => Ok((fields, Table::Nothing)),
        Ok((fields, Sent::TooLarge)) => {
            let mib = ways.limit() >> 20;
            Ok((fields, Table::Wrong(cx.t1("common.upload.too_large", mib))))
        }
        Err(error) => {
            ways.drop_file(&id);
            return Err(error);
        }
    };
    ways.drop_file(&id);
    Ok(table?)
}

fn read_table(cx: &Cx, cells: crate::Cells) -> Table {
    match cells {
        Ok(rows) => Table::Rows(rows),
        Err(refusal) => Table::Wrong(in_words(cx, &refusal)),
    }
}

/// Place, problem and remedy of a file in one sentence or two.
pub fn in_words(cx: &Cx, [place, problem, remedy]: &[tuodi_pack::Text; 3]) -> String {
    cx.t3("common.upload.wrong", cx.text(place), cx.text(problem), cx.text(remedy))
}

async fn spooled(cx: &Cx, form: Multipart, file: &str, id: &str) -> Result<(Fields, Sent<()>), WebError> {
    let (ways, limit) = (&cx.state.ways, cx.state.ways.limit());
    let (mut incoming, mut bytes) = (None, 0_u64);
    let (fields, sent) = read(form, file, &mut |name, piece| {
        bytes += piece.len() as u64;
        if bytes > limit {
            return Ok(false);
        }
        if incoming.is_none() && !piece.is_empty() {
            incoming = Some(ways.create(id, name)?);
        }
        if let Some(incoming) = &mut incoming {
            incoming.write_all(piece).map_err(WebError::fault)?;
        }
        Ok(true)
    })
    .await?;
    let sent = match (sent, incoming) {
        (Sent::File(_), Some(incoming)) => {
            // Waits for the disk.
            let finished = tokio::task::spawn_blocking(move || incoming.finish()).await.map_err(WebError::fault)?;
            finished.map_err(WebError::fault)?;
            Sent::File(())
        }
        (Sent::TooLarge, _) => Sent::TooLarge,
        _ => Sent::Nothing,
    };
    Ok((fields, sent))
}
