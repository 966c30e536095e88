//! Headings, paragraphs, lists, code and tables as people read them.

use super::{page, text};

#[test]
fn words_stand_apart_where_blocks_do_and_only_there() {
    for (html, expected) in [
        ("", ""),
        ("  plain \n\t words ", "plain words"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<p>One<p>Two", "One\n\nTwo"),
        ("<div>One</div><div>Two</div>Three", "One\nTwo\nThree"),
        ("One<br>Two<br/>Three</br>Four", "One\nTwo\nThree\nFour"),
        ("One<br><br><br><br>Two", "One\n\nTwo"),
        ("One<hr>Two", "One\n\nTwo"),
        ("<b>W</b>ord <i>two</i>", "Word two"),
        ("a <b> b </b> c", "a b c"),
        ("see <a href=/x>the page</a>.", "see the page."),
        ("a<img src=x alt='a plug'>b<img src=y>c", "a a plug b c"),
        (
            "caf&eacute; &amp; t&ecirc;te&nbsp;&#x2014;&nbsp;1&nbsp;&lt;&nbsp;2",
            "café & tête — 1 < 2",
        ),
        ("Kunden&shy;dienst&ZeroWidthSpace;en", "Kundendiensten"),
        ("a\0b\u{7}c", "a b c"),
        ("<section>a<article>b</article></section>c", "a\nb\nc"),
        (
            "<details><summary>More</summary>Text</details>",
            "More\nText",
        ),
        ("<html><head><title>T</title><body>Text", "Text"),
        ("a<wbr>b<custom-tag>c</custom-tag>d", "abcd"),
        (
            "<svg><title>icon</title><style/><text>drawn</text></svg> after",
            "drawn after",
        ),
    ] {
        assert_eq!(text(html), expected, "{html}");
    }
}

#[test]
fn headings_open_sections_under_those_above_them() {
    let page = page(
        "Before <h1>Guide</h1>Intro<h2>Plug <b>in</b></h2><p>Do it.</p><h4>Deep</h4>x<h3>Less</h3>y<h2>Other</h2><h2></h2>z<h1>New</h1>",
    );
    let found: Vec<_> = page
        .sections
        .iter()
        .map(|section| (section.heading_path.join(" > "), section.text.as_str()))
        .collect();
    let expected = [
        ("", "Before"),
        ("Guide", "Intro"),
        ("Guide > Plug in", "Do it."),
        ("Guide > Plug in > Deep", "x"),
        ("Guide > Plug in > Less", "y"),
        ("Guide > Other", "z"),
        ("New", ""),
    ];
    assert_eq!(found, expected.map(|(path, text)| (path.to_owned(), text)));
}

#[test]
fn headings_in_odd_places_are_headings_all_the_same() {
    for (html, expected) in [
        ("<h2><div>Title</div></h2>text", "# Title\ntext"),
        ("<h2>Title<p>All the rest", "# Title\nAll the rest"),
        ("<h2>One<h3>Two</h3>text", "# One\n## Two\ntext"),
        ("<h2>One</h3>text", "# One\ntext"),
        ("<h2>Two<br>lines</h2>text", "# Two lines\ntext"),
        (
            "<table><tr><td>Side<td><h2>Main</h2>Text<tr><td>Foot</table>After",
            "Side\n# Main\nText\nFoot\n\nAfter",
        ),
        ("<ul><li>a<h3>In a list</h3>b</ul>", "- a\n# In a list\n  b"),
        ("<h2><img alt='Logo' src=l></h2>x", "# Logo\nx"),
        ("<h2 hidden>Gone</h2>x", "x"),
    ] {
        assert_eq!(text(html), expected, "{html}");
    }
    let long = "word ".repeat(100);
    let page = page(&format!("<h1>{long}</h1>text"));
    assert_eq!(page.sections[0].heading_path[0].chars().count(), 200);
    assert_eq!(page.sections[0].text, format!("{}\n\ntext", long.trim()));
}

#[test]
fn lists_keep_markers_and_nesting() {
    for (html, expected) in [
        ("<ul><li>One</li><li>Two</li></ul>", "- One\n- Two"),
        ("<ol><li>One<li>Two</ol>", "1. One\n2. Two"),
        (
            "<ol start=3><li>a<li value=7>b<li>c</ol>",
            "3. a\n7. b\n8. c",
        ),
        (
            "a<ul><li>One<ul><li>Deep<ol><li>Deeper</ol></ul><li>Two</ul>b",
            "a\n\n- One\n  - Deep\n    1. Deeper\n- Two\n\nb",
        ),
        (
            "<ul><li><p>One</p><p>More</p></li><li>Two</ul>",
            "- One\n  More\n- Two",
        ),
        ("<ul><li>One<br>more</ul>", "- One\n  more"),
        ("<ul><li></li><li>Two</ul>x", "- Two\n\nx"),
        ("<li>stray", "- stray"),
        (
            "<dl><dt>Term<dd>Meaning<dd>Other<dt>Next<dd>x</dl>",
            "Term\n  Meaning\n  Other\nNext\n  x",
        ),
        ("<ol><li><ul><li>x</ul><li>y</ol>", "  - x\n2. y"),
        ("<ul><li>a</ul></ul></ul>b", "- a\n\nb"),
        (
            "<ol start=2147483647><li>a<li>b</ol>",
            "2147483647. a\n2147483647. b",
        ),
    ] {
        assert_eq!(text(html), expected, "{html}");
    }
}

#[test]
fn code_keeps_its_lines_and_its_indentation() {
    for (html, expected) in [
        (
            "<pre>\nif x:\n    run()  \n\n\ndone</pre>after",
            "if x:\n    run()\n\ndone\n\nafter",
        ),
        ("<pre>  two\n\tthree</pre>", "  two\n\tthree"),
        (
            "<pre><code><span>a</span> = <b>1</b>\n  b</code></pre>",
            "a = 1\n  b",
        ),
        ("Say <code>a  b</code> twice", "Say a  b twice"),
        ("<code>one\n  two</code>", "one\n  two"),
        ("<ul><li>Run<pre>a\n  b</pre></ul>", "- Run\n  a\n    b"),
        ("<code>open<p>a   b", "open\n\na b"),
        ("<pre>x &lt;b&gt; y</pre>", "x <b> y"),
        ("<pre>a<br>b<div>c</div>d</pre>", "a\nb\nc\nd"),
        ("<p>x <code>y</p><p>a\nb", "x y\n\na b"),
    ] {
        assert_eq!(text(html), expected, "{html}");
    }
}

#[test]
fn tables_become_rows_that_name_their_columns() {
    let prices =
        "<table><thead><tr><th>Plan<th>Price</thead><tr><td>Basic<td>5<tr><td>Pro<td>9</table>";
    for (html, expected) in [
        (prices, "Plan: Basic | Price: 5\nPlan: Pro | Price: 9"),
        ("<table><tr><td>a<td>b<tr><td>c</table>x", "a | b\nc\n\nx"),
        ("<table><tr><th>Plan<th>Price</table>", "Plan | Price"),
        (
            "<table><tr><th>Plan<th>Price<tr><th>A<td>1</table>",
            "Plan: A | Price: 1",
        ),
        (
            "<table><tr><th>Name<td>Jo<tr><th>Age<td>5</table>",
            "Name | Jo\nAge | 5",
        ),
        (
            "<table><thead><tr><td>A<td>B</thead><tbody><tr><td>1<td><tr><td><td>2</table>",
            "A: 1\nB: 2",
        ),
        (
            "<table><tr><th>A<th>B<tr><td rowspan=2>x<td>1<tr><td>2</table>",
            "A: x | B: 1\nA: x | B: 2",
        ),
        (
            "<table><tr><th>A<th colspan=2>B<tr><td>x<td>1<td>2</table>",
            "A: x | B: 1 | B: 2",
        ),
        (
            "<table><tr><th>A<th>B<tr><th colspan=2>Part<tr><td>1<td>2</table>",
            "A: Part\nA: 1 | B: 2",
        ),
        (
            "<table><caption>Prices</caption><tr><td>a<td>b</table>",
            "Prices\na | b",
        ),
        (
            "<table><tr><td>one<ul><li>x<li>y</ul><td>b</table>",
            "one; - x; - y | b",
        ),
        (
            "<table><tr><th>Do<th>Code<tr><td>Run<td><pre>a\n  b</pre></table>",
            "Do:\nRun\nCode:\na\n  b",
        ),
        ("<table><tr><td><p>One</p><p>Two</p></table>", "One\nTwo"),
        (
            "<table><tr><td>a<table><tr><td>x<td>y</table>b<td>c</table>d",
            "a\nx | y\n\nb\nc\n\nd",
        ),
        ("<table><tr><td>a</td>stray<td>b</table>", "stray\na | b"),
        ("<table>loose<td>a<td>b", "loose\na | b"),
        ("<ul><li><table><tr><td>a<td>b</table></ul>", "- a | b"),
        ("<td>a<td>b", "a\nb"),
    ] {
        assert_eq!(text(html), expected, "{html}");
    }
}

#[test]
fn the_name_of_a_column_that_is_too_long_to_repeat_is_not_lost() {
    let name = "n".repeat(100);
    let found = text(&format!("<table><tr><th>{name}<th>B<tr><td>1<td>2</table>"));
    assert_eq!(found, format!("{name} | B\n{}…: 1 | B: 2", &name[..80]));
}

#[test]
fn what_is_hidden_is_gone_and_nothing_else() {
    for (html, expected) in [
        (
            "a<script>x</script>b<style>y</style>c<noscript>z</noscript>d",
            "abcd",
        ),
        ("a<template><p>x</p></template>b", "ab"),
        ("a<!-- x -->b<?php x ?>c<!DOCTYPE x>d", "abcd"),
        ("a<div hidden>x<div>y</div>z</div>b", "a\nb"),
        (
            "a<span style='Display : NONE'>x<span>y</span>z</span>b",
            "ab",
        ),
        ("a<p style='visibility: hidden'>x<p>b", "a\n\nb"),
        ("<div>a<span hidden>x</div>b", "a\nb"),
        ("<ul><li hidden>x<li>b</ul>", "- b"),
        ("<ul hidden><li>x<ul><li>y</ul>z</ul>b", "b"),
        ("<dl><dt hidden>x<dd>b</dl>", "  b"),
        (
            "a<textarea><b>x</b></textarea>b<iframe><b>x</b></iframe>c",
            "abc",
        ),
        ("a<video src=v>cannot play</video>b", "ab"),
        ("<script>x = '<!-- <b'</script>b<style><!-- </style>c", "bc"),
        ("<style>never closed", ""),
        ("a<b hidden/>x", "a"),
        ("<img hidden alt=x>a<img style=display:none alt=x>", "a"),
        ("<div style='display: block'>a</div>", "a"),
    ] {
        assert_eq!(text(html), expected, "{html}");
    }
}
