//! Which addresses are found.

use url::Url;

use crate::text::html::read;

fn links(html: &str, base: Option<&str>) -> Vec<String> {
    let base = base.map(|base| Url::parse(base).unwrap());
    let links = read(html, base.as_ref()).links;
    links.into_iter().map(String::from).collect()
}

const BASE: Option<&str> = Some("https://kb.example.com/en/articles/7");

#[test]
fn links_of_every_kind_are_resolved_against_the_base() {
    for (html, expected) in [
        (
            "<a href=https://a.example/x?y=1#z>x</a>",
            "https://a.example/x?y=1",
        ),
        ("<a href=/x>x</a>", "https://kb.example.com/x"),
        ("<a href=' ../8 '>x</a>", "https://kb.example.com/en/8"),
        (
            "<a href='?p=2'>x</a>",
            "https://kb.example.com/en/articles/7?p=2",
        ),
        ("<A HREF='//cdn.example/x'>x</A>", "https://cdn.example/x"),
        (
            "<a href='/a?b=1&amp;c=2'>x</a>",
            "https://kb.example.com/a?b=1&c=2",
        ),
        ("<area href=/x>", "https://kb.example.com/x"),
        (
            "<img src=i.png>",
            "https://kb.example.com/en/articles/i.png",
        ),
        ("<iframe src=/f></iframe>", "https://kb.example.com/f"),
        ("<video src=/v></video>", "https://kb.example.com/v"),
        ("<video><source src=/s></video>", "https://kb.example.com/s"),
        ("<audio src=/a></audio>", "https://kb.example.com/a"),
        ("<embed src=/e>", "https://kb.example.com/e"),
        ("<object data=/o></object>", "https://kb.example.com/o"),
        (
            "<a href='https://ex\tample.com/\nx'>x</a>",
            "https://example.com/x",
        ),
        (
            "<a href='http://bücher.example/ü'>x</a>",
            "http://xn--bcher-kva.example/%C3%BC",
        ),
    ] {
        assert_eq!(links(html, BASE), [expected], "{html}");
    }
}

#[test]
fn what_cannot_be_visited_is_no_link() {
    for html in [
        "<a href=mailto:jo@example.com>x</a>",
        "<a href=tel:+15550100>x</a>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href=' java\tscript:alert(1)'>x</a>",
        "<a href='JAVASCRIPT&colon;alert(1)'>x</a>",
        "<img src='data:image/png;base64,AAAA'>",
        "<a href=ftp://example.com/x>x</a>",
        "<a href='#part'>x</a>",
        "<a href=''>x</a>",
        "<a>x</a>",
        "<a href='https://'>x</a>",
        "<script src=/x></script>",
        "<link rel=stylesheet href=/x>",
        "<div hidden><a href=/x>x</a></div>",
        "<template><a href=/x>x</a></template>",
        "<!-- <a href=/x>x</a> -->",
        "<img hidden src=/x>",
    ] {
        assert!(links(html, BASE).is_empty(), "{html}");
    }
    assert!(links("<a href=/x>relative to nothing</a>", None).is_empty());
    assert!(links(&format!("<a href=/{}>x</a>", "x".repeat(3_000)), BASE).is_empty());
}

#[test]
fn links_come_once_and_in_order() {
    let html = "<a href=/b>1</a><a href=/a#x>2</a><a href=/a#y>3</a><a href=https://kb.example.com/b>4</a>";
    assert_eq!(
        links(html, BASE),
        ["https://kb.example.com/b", "https://kb.example.com/a"]
    );
}

#[test]
fn the_base_that_an_article_names_holds_for_all_its_links() {
    let html = "<a href=x>1</a><base target=_blank><base href=/other/><base href=/second/>";
    assert_eq!(links(html, BASE), ["https://kb.example.com/other/x"]);
    assert_eq!(
        links("<base href=https://b.example/><a href=x>1</a>", None),
        ["https://b.example/x"]
    );
    assert_eq!(
        links("<base href=javascript:x><a href=/x>1</a>", BASE),
        ["https://kb.example.com/x"]
    );
}

#[test]
fn no_more_links_are_kept_than_are_worth_a_visit() {
    let links_written: Vec<_> = (0..10_000)
        .map(|number| format!("<a href=/{number}>x</a>"))
        .collect();
    assert_eq!(links(&links_written.concat(), BASE).len(), 4_096);
}
