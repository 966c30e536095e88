//! Cuts an article into chunks that a model can take whole, each of which says where in the article it stands.
//!
//! A chunk begins with `Title > Heading > Heading: `. Sections stand in one chunk only with their neighbours: those under the same
//! heading, and what stands above them. Within these bounds the rules of conversations hold: a section that fits is never cut, one that
//! does not is cut at lines and sentences, and a chunk may repeat the end of the one before.

use super::Turn;
use super::chunk::{Limits, Tokens, chunk};
use super::html::Section;
use crate::domain::TextHash;

#[cfg(test)]
mod tests;

/// The headings take at most one part in so many of a chunk.
const SHARE_OF_HEADINGS: usize = 4;

/// A piece of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleChunk {
    /// What is embedded and shown.
    pub text: String,
    /// How many tokens that is.
    pub tokens: usize,
    /// What tells a changed chunk from one that is as it was.
    pub hash: TextHash,
    /// The headings of the first section that is not repeated.
    pub heading_path: Vec<String>,
}

/// A section that says something, as the cutter takes it.
struct Part<'article> {
    section: &'article Section,
    turn: Turn,
}

/// Cuts the sections of an article. The title may be empty.
pub fn chunk_article(
    title: &str,
    sections: &[Section],
    limits: Limits,
    tokens: &dyn Tokens,
) -> Vec<ArticleChunk> {
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    let alone = [Section {
        heading_path: Vec::new(),
        text: String::new(),
    }];
    let sections = if sections.is_empty() {
        &alone
    } else {
        sections
    };
    let parts = parts(
        &title,
        sections,
        limits.tokens() / SHARE_OF_HEADINGS,
        tokens,
    );
    let groups = parts.chunk_by(|one, next| {
        are_neighbours(&one.section.heading_path, &next.section.heading_path)
    });
    groups
        .flat_map(|group| chunk_group(group, limits, tokens))
        .collect()
}

fn chunk_group(group: &[Part<'_>], limits: Limits, tokens: &dyn Tokens) -> Vec<ArticleChunk> {
    let turns: Vec<_> = group.iter().map(|part| part.turn.clone()).collect();
    let chunks = chunk(&turns, limits, tokens).into_iter();
    let article_chunk = chunks.map(|chunk| {
        let first = chunk.passages.iter().find(|passage| !passage.repeated);
        let section = first.map(|passage| group[passage.turn].section);
        ArticleChunk {
            hash: TextHash::of(&chunk.text),
            text: chunk.text,
            tokens: chunk.tokens,
            heading_path: section.map_or_else(Vec::new, |section| section.heading_path.clone()),
        }
    });
    article_chunk.collect()
}

/// What each section says. One without text says its heading, unless it only stands above others.
fn parts<'article>(
    title: &str,
    sections: &'article [Section],
    room: usize,
    tokens: &dyn Tokens,
) -> Vec<Part<'article>> {
    let mut parts = Vec::new();
    for (index, section) in sections.iter().enumerate() {
        let path = section.heading_path.as_slice();
        let below = sections
            .get(index + 1)
            .map_or(&[][..], |next| &next.heading_path);
        let is_above = below.len() > path.len() && below.starts_with(path);
        let (above, words) = match path.split_last() {
            _ if !section.text.is_empty() => (path, section.text.as_str()),
            Some(_) if is_above => continue,
            Some((last, above)) => (above, last.as_str()),
            None => (path, title),
        };
        if words.trim().is_empty() {
            continue;
        }
        let title = if words == title { "" } else { title };
        let turn = Turn {
            label: label(title, above, room, tokens),
            words: words.to_owned(),
        };
        parts.push(Part { section, turn });
    }
    parts
}

/// Whether two sections that follow each other stand under the same heading, or the second under the first.
fn are_neighbours(one: &[String], next: &[String]) -> bool {
    let parent = |path: &[String]| path.len().saturating_sub(1);
    let above = &next[..parent(next)];
    above == one || above == &one[..parent(one)]
}

/// Where a section stands: all of it if there is room, else the title and the last heading, else one of them.
fn label(title: &str, path: &[String], room: usize, tokens: &dyn Tokens) -> String {
    let last = path.last().map(String::as_str);
    let rest = path
        .iter()
        .map(String::as_str)
        .filter(|heading| *heading != title);
    let whole: Vec<_> = [title].into_iter().chain(rest).collect();
    let (ends, last, title) = (
        vec![title, last.unwrap_or_default()],
        vec![last.unwrap_or_default()],
        vec![title],
    );
    let mut candidates = [whole, ends, last, title].into_iter().map(joined);
    let fits = |label: &String| tokens.count(&format!("{label}: ")) <= room;
    candidates.find(fits).unwrap_or_default()
}

fn joined(mut headings: Vec<&str>) -> String {
    headings.retain(|heading| !heading.is_empty());
    headings.dedup();
    headings.join(" > ")
}
