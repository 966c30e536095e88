//! A stream of bytes as lines, one at a time and never more than one in memory. Every byte belongs to exactly one line.

use axum::body::Bytes;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

/// The largest body that the webhook takes.
pub(super) const LONGEST: usize = 4 * 1_024 * 1_024;
/// What may end a line beside its body: `\r\n`.
const ENDING: usize = 2;

/// One line, and where it ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// 1 for the first.
    pub(super) number: u64,
    /// Where the next line begins.
    pub(super) end: u64,
    pub(super) content: Content,
}

/// What a line holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Blank,
    Body(Bytes),
    /// It need not be sent to know that it is refused; the words say why.
    Unfit(&'static str),
}

/// Lines out of a reader.
pub(super) struct Lines<R> {
    reader: R,
    number: u64,
    end: u64,
    /// The line that is being read, as far as it is of use.
    kept: Vec<u8>,
    is_begun: bool,
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    /// Lines of a reader that stands at `end`, behind the line `number`.
    pub(super) fn after(number: u64, end: u64, reader: R) -> Self {
        Self {
            reader,
            number,
            end,
            kept: Vec::new(),
            is_begun: false,
        }
    }

    /// The next line. Given up half-way (in a `select!`), it goes on where it was.
    pub(super) async fn next(&mut self) -> std::io::Result<Option<Line>> {
        loop {
            let bytes = self.reader.fill_buf().await?;
            let newline = bytes.iter().position(|byte| *byte == b'\n');
            let count = newline.map_or(bytes.len(), |at| at + 1);
            if count == 0 && !self.is_begun {
                return Ok(None);
            }
            let room = (LONGEST + ENDING + 1).saturating_sub(self.kept.len());
            self.kept
                .extend(bytes.iter().take(count.min(room)).copied());
            self.reader.consume(count);
            self.end += count as u64;
            self.is_begun = true;
            if newline.is_some() || count == 0 {
                return Ok(Some(self.finish()));
            }
        }
    }

    fn finish(&mut self) -> Line {
        self.number += 1;
        self.is_begun = false;
        Line {
            number: self.number,
            end: self.end,
            content: Content::of(std::mem::take(&mut self.kept)),
        }
    }
}

impl Content {
    fn of(mut bytes: Vec<u8>) -> Self {
        if bytes.ends_with(b"\n") {
            bytes.pop();
        }
        if bytes.ends_with(b"\r") {
            bytes.pop();
        }
        if bytes.trim_ascii().is_empty() && bytes.len() <= LONGEST {
            Self::Blank
        } else if bytes.len() > LONGEST {
            Self::Unfit("is larger than 4194304 bytes")
        } else if std::str::from_utf8(&bytes).is_err() {
            Self::Unfit("is not UTF-8")
        } else {
            Self::Body(bytes.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokio::io::BufReader;

    fn read(bytes: &[u8], chunk: usize) -> Vec<Line> {
        let mut lines = Lines::after(0, 0, BufReader::with_capacity(chunk, bytes));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut all = Vec::new();
            while let Some(line) = lines.next().await.unwrap() {
                all.push(line);
            }
            all
        })
    }

    fn contents(bytes: &[u8]) -> Vec<Content> {
        let lines = read(bytes, 7).into_iter();
        lines.map(|line| line.content).collect()
    }

    #[test]
    fn endings_blanks_and_foreign_bytes() {
        let body = |text: &'static str| Content::Body(Bytes::from_static(text.as_bytes()));
        let table: [(&[u8], Vec<Content>); 7] = [
            (b"", vec![]),
            (b"\n", vec![Content::Blank]),
            (b"{}", vec![body("{}")]),
            (b"{}\n", vec![body("{}")]),
            (
                b"{}\r\n \t\r\n[]\r\n",
                vec![body("{}"), Content::Blank, body("[]")],
            ),
            (
                b"\xff\n{}",
                vec![Content::Unfit("is not UTF-8"), body("{}")],
            ),
            (b"a\rb\r\r\n", vec![body("a\rb\r")]),
        ];
        for (bytes, expected) in table {
            assert_eq!(contents(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn the_limit_holds_to_the_byte_and_what_follows_is_read() {
        for ending in ["\n", "\r\n"] {
            let fits = format!("{}{ending}{{}}", "x".repeat(LONGEST));
            let lines = read(fits.as_bytes(), 65_536);
            assert!(matches!(&lines[0].content, Content::Body(body) if body.len() == LONGEST));
            for more in [1, 2, 3, 100_000] {
                let large = format!("{}{ending}{{}}", "x".repeat(LONGEST + more));
                let lines = read(large.as_bytes(), 65_536);
                assert!(matches!(lines[0].content, Content::Unfit(_)), "{more}");
                assert_eq!(lines[1].content, Content::Body(Bytes::from_static(b"{}")));
                assert_eq!(lines[1].end, large.len() as u64);
            }
        }
    }

    proptest! {
        #[test]
        fn every_byte_belongs_to_one_line_however_it_arrives(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b'x'), any::<u8>()], 0..60),
            chunk in 1_usize..20,
        ) {
            let lines = read(&bytes, chunk);
            let numbers: Vec<_> = lines.iter().map(|line| line.number).collect();
            prop_assert_eq!(numbers, (1..=lines.len() as u64).collect::<Vec<_>>());
            let mut begin = 0;
            for line in &lines {
                let end = usize::try_from(line.end).unwrap();
                let whole = &bytes[begin..end];
                prop_assert!(whole.iter().rev().skip(1).all(|byte| *byte != b'\n'));
                prop_assert_eq!(&Content::of(whole.to_vec()), &line.content);
                begin = end;
            }
            prop_assert_eq!(begin, bytes.len());
        }
    }
}
