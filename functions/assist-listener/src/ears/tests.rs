use super::*;
use shared::transcript::frame::Line;

fn heard(id: &str, text: &str) -> News {
    News::Heard(Heard {
        id: InteractionId::parse(id).unwrap(),
        has_ended: text == "bye",
        lines: vec![Line {
            transcript: text.to_owned(),
            ..Line::default()
        }],
    })
}

/// The end of one, which tells nothing that was said.
fn over(id: &str) -> News {
    News::Heard(Heard {
        id: InteractionId::parse(id).unwrap(),
        has_ended: true,
        lines: Vec::new(),
    })
}

fn texts(ears: &Ears) -> Vec<String> {
    let fresh = ears.fresh(|_| true);
    let text = |(heard, _): &(Arc<Heard>, _)| heard.lines[0].transcript.clone();
    let mut texts: Vec<_> = fresh.iter().map(text).collect();
    texts.sort();
    texts
}

#[test]
fn the_newest_of_each_is_told_once_and_to_a_newcomer_again() {
    let ears = Ears::default();
    for (id, text) in [("a", "a1"), ("b", "b1"), ("a", "a2")] {
        ears.take(heard(id, text));
    }
    assert_eq!(texts(&ears), ["a2", "b1"]);
    assert!(texts(&ears).is_empty());
    ears.take(heard("b", "b2"));
    assert_eq!(texts(&ears), ["b2"]);
    ears.refresh();
    assert_eq!(texts(&ears), ["a2", "b2"]);
}

#[test]
fn what_nobody_read_is_not_lost_to_a_frame_that_ends_the_call() {
    let ears = Ears::default();
    ears.take(heard("a", "my oven broke"));
    ears.take(over("a"));
    let fresh = ears.fresh(|_| true);
    assert!(fresh[0].0.has_ended);
    assert_eq!(fresh[0].0.lines[0].transcript, "my oven broke");
    ears.take(over("a"));
    assert!(ears.fresh(|_| true)[0].0.lines.is_empty(), "that was read");
}

#[test]
fn what_is_not_asked_for_stays_new_with_all_that_follows() {
    let ears = Ears::default();
    ears.take(heard("a", "my oven broke"));
    ears.take(heard("b", "hello"));
    let mut asked = ears.fresh_ids();
    asked.retain(|id| id.as_str() == "b");
    // While somebody looks up what is known of them, the one who spoke leaves, and somebody new comes.
    ears.take(over("a"));
    ears.take(heard("c", "good day"));
    let told = |fresh: Vec<(Arc<Heard>, Timestamp)>| {
        let texts = fresh.iter().map(|(one, _)| one.lines[0].transcript.clone());
        let mut texts: Vec<_> = texts.collect();
        texts.sort();
        texts
    };
    assert_eq!(told(ears.fresh(|id| asked.contains(id))), ["hello"]);
    let rest = ears.fresh(|_| true);
    assert_eq!(told(rest), ["good day", "my oven broke"]);
    assert!(ears.fresh_ids().is_empty() && !ears.has_fresh());
}

#[test]
fn frames_beyond_the_limit_are_counted_apart() {
    let ears = Ears::default();
    for flaw in [FrameFlaw::NotJson, FrameFlaw::TooLarge, FrameFlaw::TooLarge] {
        ears.take(News::Flawed(flaw));
    }
    let Counts {
        flawed, too_large, ..
    } = ears.counts();
    assert_eq!((flawed, too_large), (3, 2));
}

#[test]
fn what_is_over_is_forgotten_unless_it_goes_on() {
    let ears = Ears::default();
    ears.take(heard("a", "bye"));
    let over = ears.fresh(|_| true).remove(0).0;
    ears.take(heard("a", "one more thing"));
    ears.forget(&over);
    assert_eq!(texts(&ears), ["one more thing"]);
    ears.take(heard("a", "bye"));
    ears.forget(&ears.fresh(|_| true).remove(0).0);
    ears.refresh();
    assert!(texts(&ears).is_empty());
    assert_eq!(ears.state().bytes, 0);
}

#[test]
fn what_is_kept_is_bounded_by_bytes_and_by_time() {
    let ears = Ears::default();
    let text = "x".repeat(1 << 20);
    for number in 0..120 {
        ears.take(heard(&number.to_string(), &text));
    }
    let state = ears.state();
    assert!(
        state.bytes <= MOST_BYTES && state.counts.dropped >= 24,
        "{}",
        state.bytes
    );
    assert!(
        state
            .newest
            .contains_key(&InteractionId::parse("119").unwrap())
    );
    drop(state);
    ears.take(heard("over", "bye"));
    ears.tidy(Timestamp::now() + SignedDuration::from_mins(31));
    assert!(!ears.knows(&InteractionId::parse("over").unwrap()));
    assert!(ears.knows(&InteractionId::parse("119").unwrap()));
    ears.tidy(Timestamp::now() + SignedDuration::from_hours(13));
    assert_eq!(ears.state().bytes, 0);
}
