//! Any answer of the knowledge base: every entry is an article or a flaw, and flaws name their places in order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::domain::Locale;
use shared::domain::article::{ArticleFields, Unsaid, read_articles};

fuzz_target!(|bytes: &[u8]| {
    let unsaid = Unsaid {
        locale: Locale::parse("en-US").expect("it is one"),
        modified: None,
    };
    let Ok(read) = read_articles(bytes, &ArticleFields::default(), &unsaid) else {
        return;
    };
    assert!(read.flaws.iter().all(|flaw| flaw.place < read.entries()));
    assert!(read.flaws.is_sorted_by(|one, next| one.place < next.place));
});
