//! What is read, and what foul input cannot do.

mod foul;
mod layout;
mod links;
pub(crate) mod markup;
mod properties;

use super::{Page, read};

fn page(html: &str) -> Page {
    read(html, None)
}

/// The whole text, with headings as lines of `#`, one for each level of the path.
fn text(html: &str) -> String {
    let section = |section: &super::Section| {
        let heading = section.heading_path.last();
        let heading =
            heading.map(|last| format!("{} {last}", "#".repeat(section.heading_path.len())));
        let parts = heading.into_iter().chain([section.text.clone()]);
        parts
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let page = page(html);
    page.sections
        .iter()
        .map(section)
        .collect::<Vec<_>>()
        .join("\n")
}
