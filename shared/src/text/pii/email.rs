//! E-mail addresses, found from their `@` outwards.

use std::ops::Range;

use super::page::Page;

/// The longest local part and the longest domain, in bytes.
const LOCAL: usize = 64;
const DOMAIN: usize = 253;

/// Names of files end like this, addresses do not: `icon@2x.png`.
const FILES: [&str; 8] = ["png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js"];

pub(super) fn scan(page: &Page) -> Vec<Range<usize>> {
    let text = page.text;
    text.match_indices('@')
        .filter_map(|(at, _)| {
            let start = local_start(text, at)?;
            let end = domain_end(text, at + 1)?;
            (!is_remote_path(&text[end..])).then_some(start..end)
        })
        .collect()
}

fn local_start(text: &str, at: usize) -> Option<usize> {
    let mut start = at;
    for (index, letter) in text[..at].char_indices().rev() {
        if !is_local(letter) {
            break;
        }
        start = index;
        if at - start > LOCAL {
            return None;
        }
    }
    let name = text[start..at].trim_start_matches(|c: char| !c.is_alphanumeric());
    let is_name = !name.is_empty() && !name.ends_with('.') && !name.contains("..");
    is_name.then_some(at - name.len())
}

fn is_local(letter: char) -> bool {
    letter.is_alphanumeric() || "._%+-'&".contains(letter)
}

/// Labels with dots between them, the last of letters only.
fn domain_end(text: &str, start: usize) -> Option<usize> {
    let is_domain = |c: char| c.is_alphanumeric() || c == '.' || c == '-';
    let mut length = 0;
    for (index, letter) in text[start..].char_indices() {
        if !is_domain(letter) {
            break;
        }
        length = index + letter.len_utf8();
        if length > DOMAIN {
            return None;
        }
    }
    let mut domain = text[start..start + length].trim_end_matches(['.', '-']);
    // What follows a full stop without a space is no part of the name: `a@b.example.4711`.
    while let Some((host, top)) = domain.rsplit_once('.') {
        if is_top(top) {
            return host
                .split('.')
                .all(is_label)
                .then_some(start + domain.len());
        }
        if !top.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        domain = host;
    }
    None
}

fn is_label(label: &str) -> bool {
    !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
}

fn is_top(top: &str) -> bool {
    let is_word = top.chars().all(char::is_alphabetic) || top.starts_with("xn--");
    top.chars().count() >= 2 && is_word && !FILES.contains(&top.to_lowercase().as_str())
}

/// `git@host.example:team/project` is where code lives; without a slash in it, what follows is something else: `a@b.example:c@d.example`.
fn is_remote_path(rest: &str) -> bool {
    let Some(path) = rest.strip_prefix(':') else {
        return false;
    };
    let path = path.split(|c: char| c.is_whitespace() || c == '@').next();
    path.is_some_and(|path| {
        path.contains('/') && path.starts_with(|c: char| c.is_ascii_lowercase() || c == '/')
    })
}
