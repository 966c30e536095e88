//! What stands in a path.

use percent_encoding::percent_decode_str;

use crate::error::Error;

/// Reads a name as it stands in the path, percent-encoded; `pointer` is where errors say that it stands.
pub fn path_segment<T>(
    written: &str,
    pointer: &'static str,
    parse: impl FnOnce(String) -> Result<T, &'static str>,
) -> Result<T, Error> {
    let wrong = |detail: &str| Error::invalid(pointer, detail);
    let text = percent_decode_str(written).decode_utf8();
    let text = text.map_err(|_| wrong("must be UTF-8"))?;
    parse(text.into_owned()).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ConversationId;

    #[test]
    fn a_name_is_read_as_paths_are_written() {
        for (written, name) in [
            ("conv-1", Some("conv-1")),
            ("conv%2F1%20a", Some("conv/1 a")),
            ("%C3%BC", Some("ü")),
            ("50%", Some("50%")),
            ("a+b", Some("a+b")),
            ("%FF", None),
            ("%00", None),
            ("%20", None),
        ] {
            let read = path_segment(written, "/path/id", |text| ConversationId::parse(text));
            let read = read.as_ref().ok().map(ConversationId::as_str);
            assert_eq!(read, name, "{written}");
        }
    }
}
