//! Invented conversations of realistic size, as webhook bodies. The same number gives the same conversation.

use fastrand::Rng;
use serde_json::json;

use super::sentences::{EXCHANGES, FAREWELLS, GAPS, GREETINGS, MATTERS};

/// The webhook body of conversation `number`, in the form of the reference: 9 to 19 turns.
pub(super) fn payload(number: usize) -> String {
    let mut draw = Rng::with_seed(number as u64);
    let (subject, complaint) = MATTERS[draw.usize(..MATTERS.len())];
    let mut agent = vec![GREETINGS[draw.usize(..GREETINGS.len())]];
    let mut customer = complaint.to_vec();
    let mut exchanges = EXCHANGES;
    draw.shuffle(&mut exchanges);
    for (question, answer) in &exchanges[..draw.usize(3..=8)] {
        agent.push(question);
        customer.push(answer);
    }
    customer.push(FAREWELLS[draw.usize(..FAREWELLS.len())]);
    json!({
        "event": "conversation.completed",
        "timestamp": format!("2026-01-{:02}T{:02}:{:02}:00Z", 1 + number % 28, draw.u8(..24), draw.u8(..60)),
        "conversationId": format!("conv-{number}"),
        "data": {
            "subject": fill(&mut draw, subject),
            "channel": "voice",
            "queue": "customer-desk",
            "durationSeconds": draw.u16(120..1_020),
            "transcript": {
                "agent": fill(&mut draw, &agent.join("\n")),
                "customer": fill(&mut draw, &customer.join("\n")),
            },
        },
    })
    .to_string()
}

/// Puts something new into every gap.
fn fill(draw: &mut Rng, sentences: &str) -> String {
    let mut parts = sentences.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (gap, after) = part.split_once('}').unwrap_or_default();
        filled.push_str(&word(draw, gap));
        filled.push_str(after);
    }
    filled
}

fn word(draw: &mut Rng, gap: &str) -> String {
    let listed = GAPS.iter().find(|(name, _)| *name == gap);
    match (gap, listed) {
        (_, Some((_, words))) => words[draw.usize(..words.len())].to_owned(),
        ("order", _) => format!("NX-{}", draw.u32(100_000..1_000_000)),
        ("amount", _) => format!("{}.{:02}", draw.u16(5..900), draw.u8(..100)),
        ("mail", _) => format!("customer{}@example.com", draw.u32(..100_000)),
        ("phone", _) => format!("+1 555 01{:02}", draw.u8(..100)),
        _ => draw.u8(2..60).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::domain::DataActionEvent;

    #[test]
    fn every_body_is_valid_unlike_the_others_and_of_realistic_size() {
        let bodies: Vec<String> = (0..500).map(payload).collect();
        assert_eq!(bodies[7], payload(7));
        for body in &bodies {
            assert!(DataActionEvent::parse(body.as_bytes()).is_ok(), "{body}");
            assert!(
                !body.contains(['{', '}']) || !body.contains("{name"),
                "{body}"
            );
            // Four letters to a token: 250 to 500 tokens.
            assert!(
                (1_000..2_400).contains(&body.len()),
                "{}: {body}",
                body.len()
            );
        }
        let distinct: std::collections::HashSet<_> = bodies.iter().collect();
        assert_eq!(distinct.len(), bodies.len());
    }
}
