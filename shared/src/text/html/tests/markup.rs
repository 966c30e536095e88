//! No markup comes out as markup.

use super::text;

/// Whether a browser could take a part of the text for a tag, a comment or the like.
pub(crate) fn has_tag(text: &str) -> bool {
    let after = |rest: &str| {
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        rest.starts_with(|letter: char| letter.is_ascii_alphabetic() || matches!(letter, '!' | '?'))
    };
    text.split('<').skip(1).any(after)
}

pub(crate) const PAYLOADS: [&str; 82] = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x.example/x.js></SCRIPT>",
    "<script>alert(1)",
    "<script\n>alert(1)</script\n>",
    "<script/x>alert(1)</script>",
    "<script>//<!--\nalert(1)</script>",
    "<script><!--<script></script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<scr\0ipt>alert(1)</scr\0ipt>",
    "<\0script>alert(1)</script>",
    "<\u{1}script>alert(1)</script>",
    "<\u{ad}script>alert(1)</\u{ad}script>",
    "<\u{200b}img src=x onerror=alert(1)>",
    "<\u{feff}script>alert(1)</script>",
    "<<script>alert(1);//<</script>",
    "<<b>script>alert(1)<<b>/script>",
    "<<b></b>img src=x onerror=alert(1)>",
    "<<!-- -->script>alert(1)<<!-- -->/script>",
    "<</>script>alert(1)<</>/script>",
    "</</>script>",
    "<<!>script>alert(1)</script>",
    "<<?x?>img src=x onerror=alert(1)>",
    "<<!DOCTYPE x>img src=x onerror=alert(1)>",
    "<<script></script>script>alert(1)<<script></script>/script>",
    "<<style></style>img src=x onerror=alert(1)>",
    "<<br>script>alert(1)",
    "<<span hidden>x</span>script>alert(1)",
    "<<template>x</template>img src=x onerror=alert(1)>",
    "<<img alt=''>script>alert(1)",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)",
    "<img src='x' alt='<script>alert(1)</script>'>",
    "<img alt='<img src=x onerror=alert(1)>'>",
    "<img alt='<'>script>alert(1)",
    "<img alt='<!--'>x<img alt='-->'>",
    "<img/src/onerror=alert(1)>",
    "<img \"\"\"><script>alert(1)</script>\">",
    "<IMG SRC=javascript:alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><script/>alert(1)</svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><style/><img src=x onerror=alert(1)></svg>",
    "<svg><![CDATA[<script>alert(1)</script>]]></svg>",
    "<svg><title><script>alert(1)</script></title></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>alert(1)</script>'></foreignObject></svg>",
    "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe><script>alert(1)</script></iframe>",
    "<iframe srcdoc='&lt;script>alert(1)&lt;/script>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<noembed><img src=x onerror=alert(1)></noembed>",
    "<noframes><img src=x onerror=alert(1)></noframes>",
    "<textarea><script>alert(1)</script></textarea>",
    "<textarea><img title='</textarea><img src=x onerror=alert(1)>'>",
    "<title><script>alert(1)</script></title>",
    "<title><a title='</title><img src=x onerror=alert(1)>'>",
    "<style><script>alert(1)</script></style>",
    "<style><!--</style><img src=x onerror=alert(1)>--></style>",
    "<xmp><script>alert(1)</script></xmp>",
    "<xmp><p title='</xmp><svg/onload=alert(1)>'>",
    "<plaintext><script>alert(1)</script>",
    "<listing><img src=x onerror=alert(1)></listing>",
    "<select><template><img src=x onerror=alert(1)></template></select>",
    "<object data=javascript:alert(1)><param name=x value='<script>'></object>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=\"\u{1}javascript:alert(1)\">x</a>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<input onfocus=alert(1) autofocus value='<script>alert(1)</script>'>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=javascript:alert(1)//>",
    "<!--><script>alert(1)</script>-->",
    "<!-- --!><img src=x onerror=alert(1)> -->",
    "<table><tr><td><<td>script>alert(1)<tr><td><<td>/script></table>",
    "<h1><<b>script>alert(1)</h1><pre><<i>script>alert(1)</pre><code><<i>img src=x></code>",
];

#[test]
fn no_payload_survives_as_a_tag() {
    for payload in PAYLOADS {
        let around = format!("before {payload}");
        for html in [payload, &around] {
            assert!(!has_tag(&text(html)), "{html:?} became {:?}", text(html));
        }
        let twice = text(&text(payload));
        assert!(
            !has_tag(&twice),
            "{payload:?} became {twice:?} when its text was read again"
        );
    }
}

#[test]
fn what_was_escaped_is_shown_as_characters() {
    for (html, expected) in [
        ("write &lt;b&gt;bold&lt;/b&gt;", "write <b>bold</b>"),
        ("1 < 2, a<3, x <- y", "1 < 2, a<3, x <- y"),
        ("a/<b>b</b>", "a/b"),
        ("a &lt; <b>b</b>", "a < b"),
    ] {
        assert_eq!(text(html), expected);
    }
}

#[test]
fn the_check_itself_sees_tags() {
    for tag in ["<b>", "x</b", "<!--", "<?x", "<<i"] {
        assert!(has_tag(tag), "{tag}");
    }
    for text in ["", "<", "< b", "1<2", "</", "a <- b", "</ b"] {
        assert!(!has_tag(text), "{text}");
    }
}
