//! Text as it is kept and searched.

/// Postgres keeps no NUL, and no reader wants the other control characters; lines and tabs stay.
pub(super) fn plain(text: String) -> String {
    let is_unfit = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\t');
    if text.contains(is_unfit) {
        text.replace("\r\n", "\n").replace(is_unfit, " ")
    } else {
        text
    }
}
