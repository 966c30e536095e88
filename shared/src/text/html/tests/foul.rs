//! Input that is made to hurt: deep, long, swelling.

use std::time::{Duration, Instant};

use super::{page, text};

/// Reads it on a small stack; says how long that took.
fn time(html: String) -> Duration {
    let read = move || {
        let start = Instant::now();
        page(&html);
        start.elapsed()
    };
    let thread = std::thread::Builder::new().stack_size(256 << 10);
    thread.spawn(read).unwrap().join().unwrap()
}

#[test]
fn depth_costs_neither_stack_nor_quadratic_time() {
    let tags = [
        "<div>",
        "<ul><li>",
        "<table><tr><td>",
        "<b>",
        "<span hidden>",
        "<h2>x",
        "<pre>",
        "<dl><dd>",
        "<b><p>",
        "<a href=x>",
        "</div>",
        "<!--",
        "<x y='",
    ];
    for tag in tags {
        let open = tag.repeat(100_000);
        let close = "</div></b></li></x>".repeat(6_000);
        let taken = time(format!("{open}text{close}"));
        assert!(taken < Duration::from_mins(1), "{tag} took {taken:?}");
    }
}

#[test]
fn rows_without_end_cost_no_quadratic_time() {
    let names = "<th colspan=256>x".repeat(30_000);
    let cells = "<td rowspan=256>y".repeat(30_000);
    let taken = time(format!("<table><tr>{names}<tr>{cells}<tr>{cells}"));
    assert!(taken < Duration::from_mins(1), "{taken:?}");
}

#[test]
fn what_is_too_deep_keeps_its_words_and_what_follows_is_right() {
    let html = format!(
        "{}deep{}<ul><li>after</ul>",
        "<div>".repeat(1_000),
        "</div>".repeat(1_000)
    );
    assert_eq!(text(&html), "deep\n\n- after");
    let html = format!(
        "{}<p hidden>gone</p>deep{}after",
        "<div>".repeat(1_000),
        "</div>".repeat(1_000)
    );
    assert_eq!(text(&html), "deep\nafter");
    let html = format!("{}deep{}end", "<ul><li>".repeat(100), "</ul>".repeat(100));
    assert_eq!(text(&html), format!("{}- deep\n\nend", " ".repeat(14)));
}

#[test]
fn spans_beyond_all_measure_are_not_believed() {
    let span = "<td colspan=18446744073709551615 rowspan=18446744073709551615>x";
    let html = format!("<table><tr>{span}{span}{span}<tr><td>y</table>");
    assert_eq!(text(&html), "x | x | x\nx | y");
}

#[test]
fn the_text_is_bounded_however_it_swells() {
    let header = format!(
        "<table><tr>{}</tr>",
        format!("<th>{}", "h".repeat(80)).repeat(256)
    );
    let swelling = [
        format!(
            "{header}{}",
            format!("<tr>{}", "<td>x".repeat(256)).repeat(1_000)
        ),
        format!(
            "<table><tr>{}{}",
            format!("<td rowspan=256>{}", "r".repeat(80)).repeat(255),
            "<tr><td>x".repeat(100_000)
        ),
        format!("{}{}", "<ul><li>".repeat(100), "<li>x".repeat(400_000)),
        format!(
            "<h1>{0}<h2>{0}<h3>{0}<h4>{0}<h5>{0}{1}",
            "h ".repeat(100),
            "<h6>x</h6>y".repeat(500_000)
        ),
        "x".repeat(9 << 20),
        "é".repeat(5 << 20),
    ];
    for html in swelling {
        let page = page(&html);
        let letters = |section: &crate::text::html::Section| {
            section.text.len() + section.heading_path.iter().map(String::len).sum::<usize>()
        };
        let size: usize = page.sections.iter().map(letters).sum();
        assert!(
            page.is_cut,
            "{size} bytes from {}…",
            &html.chars().take(40).collect::<String>()
        );
        assert!(size < 9 << 20, "{size} bytes");
    }
    assert!(!page("<p>short</p>").is_cut);
}
