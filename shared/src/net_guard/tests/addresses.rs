//! Which addresses are public, and which URLs may be called.

use std::net::IpAddr;

use proptest::prelude::*;
use url::Url;

use crate::net_guard::{Refusal, Rules, is_public};

fn public(address: &str) -> bool {
    is_public(address.parse().unwrap())
}

#[test]
fn every_special_range_is_known_to_its_edges() {
    for (first, last) in [
        ("0.0.0.0", "0.255.255.255"),
        ("10.0.0.0", "10.255.255.255"),
        ("100.64.0.0", "100.127.255.255"),
        ("127.0.0.0", "127.255.255.255"),
        ("168.63.129.16", "168.63.129.16"),
        ("169.254.0.0", "169.254.255.255"),
        ("172.16.0.0", "172.31.255.255"),
        ("192.0.0.0", "192.0.0.255"),
        ("192.0.2.0", "192.0.2.255"),
        ("192.88.99.0", "192.88.99.255"),
        ("192.168.0.0", "192.168.255.255"),
        ("198.18.0.0", "198.19.255.255"),
        ("198.51.100.0", "198.51.100.255"),
        ("203.0.113.0", "203.0.113.255"),
        ("224.0.0.0", "255.255.255.255"),
        ("::", "::fffe:ffff:ffff"),
        ("::ffff:0.0.0.0", "::ffff:0.255.255.255"),
        ("::ffff:7f00:0", "::ffff:7fff:ffff"),
        ("::ffff:169.254.169.254", "::ffff:169.254.169.254"),
        ("64:ff9b::10.0.0.0", "64:ff9b::10.255.255.255"),
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
        ("100::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fd00:ec2::254", "fd00:ec2::254"),
        ("fe80::1", "fe80::1"),
        ("ff02::1", "ff02::1"),
    ] {
        assert!(!public(first) && !public(last), "{first} to {last}");
        let is_last_of_special = |address: &str| {
            [
                "::fffe:ffff:ffff",
                "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            ]
            .contains(&address)
        };
        if first.contains('.')
            && !first.contains(':')
            && last != "255.255.255.255"
            && !is_last_of_special(last)
        {
            let (before, after) = (step(first, -1), step(last, 1));
            assert!(
                before.is_none_or(is_public) && after.is_none_or(is_public),
                "around {first} to {last}"
            );
        }
    }
}

/// The IPv4 address so far away.
fn step(address: &str, by: i64) -> Option<IpAddr> {
    let number = i64::from(u32::from(address.parse::<std::net::Ipv4Addr>().unwrap())) + by;
    u32::try_from(number)
        .ok()
        .map(|number| IpAddr::V4(number.into()))
}

#[test]
fn the_public_internet_is_open() {
    for address in [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.216.34",
        "172.15.255.255",
        "172.32.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2001:200::",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2a00:1450::1",
        "3ffe::1",
    ] {
        assert!(public(address), "{address}");
    }
}

#[test]
fn the_writing_of_a_url_is_checked() {
    let rules = Rules::default();
    for (url, expected) in [
        ("http://example.com/", Ok(())),
        ("https://example.com/a?b#c", Ok(())),
        ("http://example.com:443/", Ok(())),
        ("https://8.8.8.8/", Ok(())),
        ("https://[2606:4700::1111]/", Ok(())),
        ("https://localhost.example.com/", Ok(())),
        ("https://notlocal/", Ok(())),
        ("ftp://example.com/", Err(Refusal::Scheme)),
        ("file:///etc/passwd", Err(Refusal::Scheme)),
        ("javascript:alert(1)", Err(Refusal::Scheme)),
        ("data:text/plain,x", Err(Refusal::Scheme)),
        ("gopher://example.com:80/", Err(Refusal::Scheme)),
        ("http://example.com:22/", Err(Refusal::Port)),
        ("https://example.com:5432/", Err(Refusal::Port)),
        ("https://example.com:0/", Err(Refusal::Port)),
        ("https://user@example.com/", Err(Refusal::Credentials)),
        ("https://:pass@example.com/", Err(Refusal::Credentials)),
        ("https://a.internal/", Err(Refusal::Inside)),
        ("https://printer.local./", Err(Refusal::Inside)),
        ("https://nas.home.arpa/", Err(Refusal::Inside)),
        ("https://LOCALHOST/", Err(Refusal::Inside)),
    ] {
        assert_eq!(rules.check(&Url::parse(url).unwrap()), expected, "{url}");
    }
}

proptest! {
    #[test]
    fn what_stands_for_an_ipv4_address_is_as_public_as_it(bits in any::<u32>()) {
        let expected = is_public(IpAddr::V4(bits.into()));
        for prefix in [0xffff_u128 << 32, 0x0064_ff9b_u128 << 96] {
            prop_assert_eq!(is_public(IpAddr::V6((prefix | u128::from(bits)).into())), expected);
        }
        let compatible = IpAddr::V6(u128::from(bits).into());
        let six_to_four = IpAddr::V6(((0x2002_u128 << 112) | (u128::from(bits) << 80)).into());
        prop_assert!(!is_public(compatible) && !is_public(six_to_four));
    }

    #[test]
    fn what_the_standard_library_calls_special_is_not_public(bits in any::<u32>(), first in 0_u32..=255) {
        for bits in [bits, (first << 24) | (bits & 0x00ff_ffff)] {
            let address = std::net::Ipv4Addr::from(bits);
            let is_special = address.is_private() || address.is_loopback() || address.is_link_local() || address.is_broadcast()
                || address.is_documentation() || address.is_multicast() || address.is_unspecified();
            prop_assert!(!(is_special && is_public(IpAddr::V4(address))), "{}", address);
        }
    }
}
