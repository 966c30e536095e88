mod edges;
mod foreign;
mod forms;
mod generated;
mod labelled;
mod properties;
mod seams;

use super::mask;

fn masked(text: &str) -> String {
    mask(text).text.into_owned()
}

fn check(table: &[(&str, &str)]) {
    for (text, expected) in table {
        assert_eq!(masked(text), *expected, "{text}");
    }
}

fn untouched(texts: &[&str]) {
    for text in texts {
        assert_eq!(masked(text), *text);
    }
}
