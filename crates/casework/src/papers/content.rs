//! A picture or a PDF as it is kept. A picture is decoded and written anew: that proves that it is one, and leaves behind
//! where and with which camera it was taken. A PDF is kept as it came and only ever handed out as a download.

use crate::FieldError;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage, codecs::jpeg::JpegEncoder,
};
use sha2::{Digest, Sha256};
use std::io::Cursor;

/// Ready to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    mime: &'static str,
    bytes: Vec<u8>,
}

/// Without what it shows.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Content({}, {} bytes)", self.mime, self.bytes.len())
    }
}

/// A picture with more than this is refused before it is unpacked.
const MOST_PIXELS: u64 = 60_000_000;
/// Memory that one picture may take while it is unpacked.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;
/// The longer edge as kept: a page of A4 stays legible to its small print.
const EDGE: u32 = 2_600;
const QUALITY: u8 = 85;

impl Content {
    /// The largest file that is taken: the best pictures of today's telephones are below it.
    pub const MOST_BYTES: usize = 20 * 1024 * 1024;
    /// A PDF cannot be made smaller here.
    pub const MOST_PDF: usize = 10 * 1024 * 1024;

    /// Takes what somebody sent. Computes: not for a thread that answers requests.
    ///
    /// # Errors
    /// Problems of the field `file`: empty, too large, of another type, damaged.
    pub fn read(sent: &[u8]) -> Result<Content, FieldError> {
        let problem = |key| FieldError::new("file", key);
        if sent.is_empty() {
            return Err(problem("error.required"));
        }
        if sent.len() > Content::MOST_BYTES {
            return Err(problem("error.file_large"));
        }
        if sent.starts_with(b"%PDF-") {
            return pdf(sent).map_err(problem);
        }
        // By its first bytes; its name may say anything.
        let format = match image::guess_format(sent) {
            Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png)) => format,
            _ => return Err(problem("error.file_kind")),
        };
        picture(sent, format).map_err(problem)
    }

    /// What was kept, read back.
    pub(crate) fn kept(mime: &str, bytes: Vec<u8>) -> Option<Content> {
        let mime = ["image/jpeg", "application/pdf"].into_iter().find(|known| *known == mime)?;
        Some(Content { mime, bytes })
    }

    pub fn mime(&self) -> &'static str {
        self.mime
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.bytes))
    }
}

fn pdf(sent: &[u8]) -> Result<Content, &'static str> {
    if sent.len() > Content::MOST_PDF {
        return Err("error.file_large");
    }
    // A file that broke off on the way has no end.
    let tail = &sent[sent.len().saturating_sub(2_048)..];
    if !tail.windows(5).any(|w| w == b"%%EOF") {
        return Err("error.file_damaged");
    }
    Ok(Content { mime: "application/pdf", bytes: sent.to_vec() })
}

/// A JPEG whose last scan has an end: decoders fill in grey where it has none.
fn has_an_end(jpeg: &[u8]) -> bool {
    let marker = |code: u8| jpeg.windows(2).rposition(|w| w == [0xFF, code]);
    matches!((marker(0xDA), marker(0xD9)), (Some(scan), Some(end)) if end > scan)
}

fn picture(sent: &[u8], format: ImageFormat) -> Result<Content, &'static str> {
    let refused = |error: ImageError| match error {
        ImageError::Limits(_) => "error.picture_large",
        _ => "error.file_damaged",
    };
    if format == ImageFormat::Jpeg && !has_an_end(sent) {
        return Err("error.file_damaged");
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(sent), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    // Pixels of sixteen bits take twice the room; the decoder's own limit does not count what it unpacks into.
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return Err("error.picture_large");
    }
    let orientation = decoder.orientation().map_err(refused)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    if width.max(height) > EDGE {
        picture = picture.thumbnail(EDGE, EDGE);
    }
    // The camera only notes how it was held; without the note the picture itself is turned.
    picture.apply_orientation(orientation);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&on_white(picture)).map_err(refused)?;
    Ok(Content { mime: "image/jpeg", bytes })
}

/// Scans with a transparent ground would turn black.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [r, g, b, a] = picture.get_pixel(x, y).0;
        let over = |c: u8| ((u32::from(c) * u32::from(a) + 255 * (255 - u32::from(a))) / 255) as u8;
        Rgb([over(r), over(g), over(b)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ExtendedColorType, ImageEncoder, Rgba, RgbaImage, codecs::png::PngEncoder};

    fn key(sent: &[u8]) -> Result<Content, &'static str> {
        Content::read(sent).map_err(|problem| problem.key)
    }

    /// A JPEG, left half black, with the note of a camera that was held on its side, and a place of its own making.
    fn photograph() -> Vec<u8> {
        let picture = RgbImage::from_fn(40, 20, |x, _| if x < 20 { Rgb([0, 0, 0]) } else { Rgb([255, 255, 255]) });
        let mut plain = Vec::new();
        JpegEncoder::new(&mut plain).encode_image(&picture).unwrap();
        let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        exif.extend_from_slice(b"GPSLatitude 38.9");
        let mut out = plain[..2].to_vec();
        out.extend_from_slice(&[0xFF, 0xE1]);
        out.extend_from_slice(&u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
        out.extend_from_slice(&exif);
        out.extend_from_slice(&plain[2..]);
        out
    }

    #[test]
    fn a_photograph_is_turned_as_it_was_taken_and_says_nothing_of_where() {
        let kept = key(&photograph()).unwrap();
        assert_eq!(kept.mime(), "image/jpeg");
        assert!(!kept.bytes().windows(3).any(|w| w == b"GPS"), "the place is gone");
        let picture = image::load_from_memory(kept.bytes()).unwrap().into_rgb8();
        assert_eq!(picture.dimensions(), (20, 40), "upright");
        assert!(picture.get_pixel(10, 5).0[0] < 60 && picture.get_pixel(10, 35).0[0] > 200, "left became top");
    }

    #[test]
    fn what_breaks_off_or_is_something_else_is_told_apart() {
        let whole = photograph();
        assert_eq!(key(&whole[..whole.len() * 2 / 3]).unwrap_err(), "error.file_damaged");
        assert_eq!(key(b"\x89PNG\r\n\x1a\n and nothing").unwrap_err(), "error.file_damaged");
        assert_eq!(key(b"%PDF-1.7 broken off").unwrap_err(), "error.file_damaged");
        assert_eq!(key(b"%PDF-1.7 ... %%EOF\n").unwrap().mime(), "application/pdf");
        assert_eq!(key(b"<svg onload=alert(1)>").unwrap_err(), "error.file_kind");
        assert_eq!(key(b"GIF89a....").unwrap_err(), "error.file_kind");
        assert_eq!(key(b"").unwrap_err(), "error.required");
        assert_eq!(key(&vec![b'x'; Content::MOST_BYTES + 1]).unwrap_err(), "error.file_large");
    }

    #[test]
    fn a_small_file_that_unpacks_to_a_giant_is_refused_before_it_does() {
        // Of one colour it is a few kilobytes, whatever its size: the head alone decides.
        for (side, colour) in [(20_000_u32, ExtendedColorType::L8), (7_000, ExtendedColorType::Rgba16)] {
            let mut png = Vec::new();
            PngEncoder::new(&mut png)
                .write_image(&[0; 32][..2 * 2 * usize::from(colour.bits_per_pixel()) / 8], 2, 2, colour)
                .unwrap();
            let at = 16;
            png[at..at + 4].copy_from_slice(&side.to_be_bytes());
            png[at + 4..at + 8].copy_from_slice(&side.to_be_bytes());
            let sum = crc(&png[12..29]);
            png[29..33].copy_from_slice(&sum.to_be_bytes());
            assert_eq!(key(&png).unwrap_err(), "error.picture_large", "{side} of {colour:?}");
        }
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0_u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |c, _| (c >> 1) ^ if c & 1 == 1 { 0xEDB8_8320 } else { 0 })
        })
    }

    #[test]
    fn a_scan_on_nothing_is_kept_on_white() {
        let clear = RgbaImage::from_pixel(8, 8, Rgba([0, 0, 0, 0]));
        let mut png = Vec::new();
        PngEncoder::new(&mut png).write_image(&clear, 8, 8, ExtendedColorType::Rgba8).unwrap();
        let picture = image::load_from_memory(key(&png).unwrap().bytes()).unwrap().into_rgb8();
        assert!(picture.get_pixel(4, 4).0[0] > 250);
    }
}
