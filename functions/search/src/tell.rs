//! The use case: what is stored of a conversation.

use percent_encoding::percent_decode_str;
use shared::db::conversations::{self, StoredConversation};
use shared::domain::ConversationId;
use shared::error::Error;

use crate::app::App;

/// Tells it. Nothing is stored of a conversation that was erased.
pub(crate) async fn tell(app: &App, name: &str) -> Result<StoredConversation, Error> {
    let conversation = parse(name)?;
    let stored = conversations::fetch(app.retriever.database(), &conversation).await?;
    stored.ok_or(Error::NotFound)
}

/// The name as it stands in the path.
fn parse(name: &str) -> Result<ConversationId, Error> {
    let wrong = |detail: &str| Error::invalid("/path/id", detail);
    let name = percent_decode_str(name).decode_utf8();
    let name = name.map_err(|_| wrong("must be UTF-8"))?;
    ConversationId::parse(name).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let read = parse(written);
            let read = read.as_ref().ok().map(ConversationId::as_str);
            assert_eq!(read, name, "{written}");
        }
    }
}
