//! A frame of the stream: which interaction, and everything that was said in it so far.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::{InteractionId, Locale, Speaker};
use crate::json::{self, Fields};

/// A larger frame is not read. It holds several transcripts, and up to six bytes for a letter.
pub const MOST_BYTES: usize = 1 << 20;
/// Nor is one with a longer transcript, or a message with a longer utterance: what is remembered of one grows with it.
pub const MOST_TEXT: usize = 128 << 10;
/// More channels than people who talk with one another are none: each is compared with each.
pub(super) const MOST_CHANNELS: usize = 64;

/// The words for a customer, and for an agent, in both dialects: which spelling a tenant's socket has is not known.
pub(super) const CUSTOMER: [&str; 2] = ["customer", "CUSTOMER"];
pub(super) const AGENT: [&str; 2] = ["agent", "AGENT"];

/// What frames call things. Dots lead into objects; the names of profile `v2` by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FrameFields {
    /// What kind of frame it is.
    pub kind: String,
    /// The kind that tells of interactions.
    pub interaction: String,
    /// The interaction's name.
    pub id: String,
    /// How the interaction is.
    pub state: String,
    /// The states in which it is listened to.
    pub active: Vec<String>,
    /// The states after which nothing more is said.
    pub ended: Vec<String>,
    /// The list of channels.
    pub channels: String,
    /// In a channel: everything that was said there.
    pub transcript: String,
    /// In a channel: who speaks there. `v2` does not say.
    pub speaker: Option<String>,
    /// The words for a customer.
    pub customer: Vec<String>,
    /// The words for an agent.
    pub agent: Vec<String>,
    /// Who speaks in the first channel, in the second, and so on, where a channel does not say. It holds for frames of just as many
    /// channels: where one is missing, or there is one more, a place tells nothing.
    pub speakers: Option<Vec<Speaker>>,
    /// Who speaks first in an interaction, where nothing else says who speaks: who speaks second is the other one.
    pub first_speaker: Option<Speaker>,
    /// In a channel: its language. `v2` does not say.
    pub language: Option<String>,
}

impl Default for FrameFields {
    fn default() -> Self {
        let name = str::to_owned;
        let names = |names: &[&str]| names.iter().copied().map(name).collect();
        Self {
            kind: name("type"),
            interaction: name("interaction"),
            id: name("data.id"),
            state: name("data.state"),
            active: names(&["active"]),
            ended: names(&["ended", "completed", "closed", "disconnected"]),
            channels: name("data.channels"),
            transcript: name("transcript"),
            speaker: None,
            customer: names(&CUSTOMER),
            agent: names(&AGENT),
            speakers: None,
            first_speaker: None,
            language: None,
        }
    }
}

/// What a frame says.
#[derive(Clone, PartialEq, Eq)]
pub enum Frame {
    /// How an interaction stands.
    Interaction(Heard),
    /// Something that is none of our business.
    Other,
}

/// An interaction as it stands.
#[derive(Clone, PartialEq, Eq)]
pub struct Heard {
    /// Its name.
    pub id: InteractionId,
    /// Whether nothing more is said.
    pub has_ended: bool,
    /// Its channels, in their order; one without a transcript has an empty one. Or its utterances, by number.
    pub lines: Vec<Line>,
}

/// A channel as it stands, or a single utterance.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// Everything that was said.
    pub transcript: String,
    /// By whom.
    pub speaker: Speaker,
    /// Whether that is said of the channel itself, and not only of its place.
    pub is_named: bool,
    /// If nothing says by whom: who it is if this channel was the first in which something was said.
    pub if_first: Option<Speaker>,
    /// In which language, where that is known.
    pub language: Option<Locale>,
    /// The number of an utterance, where each is told for itself: then this is one, and all of it. Else this is a channel.
    pub number: Option<u64>,
}

/// Why a frame cannot be read. It never quotes the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameFlaw {
    /// Over the limit of frames, or of transcripts.
    #[error("is larger than {MOST_BYTES} bytes, or a text in it than {MOST_TEXT}")]
    TooLarge,
    /// No JSON object, or one that nests too deep.
    #[error("is no JSON object")]
    NotJson,
    /// An interaction without a good name.
    #[error("does not name its interaction")]
    Nameless,
    /// Channels that are no list of objects or too many, or a transcript that is no text.
    #[error("has channels that cannot be read")]
    BadChannels,
    /// An utterance without its number, or without words.
    #[error("holds an utterance without a number or without words")]
    Numberless,
}

/// Reads a frame.
pub fn read(bytes: &[u8], names: &FrameFields) -> Result<Frame, FrameFlaw> {
    if bytes.len() > MOST_BYTES {
        return Err(FrameFlaw::TooLarge);
    }
    let document = json::parse(bytes).map_err(|_| FrameFlaw::NotJson)?;
    let fields = json::fields(document).ok_or(FrameFlaw::NotJson)?;
    let word = |path| find(&fields, path).and_then(json::text);
    if word(&names.kind).as_ref() != Some(&names.interaction) {
        return Ok(Frame::Other);
    }
    let state = word(&names.state).unwrap_or_default();
    let has_ended = names.ended.contains(&state);
    if !has_ended && !names.active.contains(&state) {
        return Ok(Frame::Other);
    }
    let id = word(&names.id).and_then(|id| InteractionId::parse(id).ok());
    let channels = find(&fields, &names.channels);
    let channels = channels.map_or(Ok(Vec::new()), |list| lines(list, names))?;
    Ok(Frame::Interaction(Heard {
        id: id.ok_or(FrameFlaw::Nameless)?,
        has_ended,
        lines: channels,
    }))
}

fn lines(list: &RawValue, names: &FrameFields) -> Result<Vec<Line>, FrameFlaw> {
    if list.get() == "null" {
        return Ok(Vec::new());
    }
    let channels: Vec<Fields<'_>> =
        serde_json::from_str(list.get()).map_err(|_| FrameFlaw::BadChannels)?;
    if channels.len() > MOST_CHANNELS {
        return Err(FrameFlaw::BadChannels);
    }
    let speakers = names.speakers.as_ref();
    let speakers = speakers.filter(|speakers| speakers.len() == channels.len());
    let speakers = speakers.into_iter().flatten().copied();
    let speakers = speakers.chain(std::iter::repeat(Speaker::Unknown));
    channels
        .iter()
        .zip(speakers)
        .map(|(one, speaker)| line(one, speaker, names))
        .collect()
}

fn line(channel: &Fields<'_>, by_place: Speaker, names: &FrameFields) -> Result<Line, FrameFlaw> {
    let transcript = match find(channel, &names.transcript) {
        Some(value) if value.get() != "null" => json::text(value).ok_or(FrameFlaw::BadChannels)?,
        _ => String::new(),
    };
    if transcript.len() > MOST_TEXT {
        return Err(FrameFlaw::TooLarge);
    }
    let said = |name: &Option<String>| json::text(find(channel, name.as_deref()?)?);
    // An empty one is one that is not known yet.
    let name = said(&names.speaker).filter(|name| !name.is_empty());
    let is_told = name.is_some();
    let speaker = match name {
        Some(word) if names.customer.contains(&word) => Speaker::Customer,
        Some(word) if names.agent.contains(&word) => Speaker::Agent,
        Some(_) => Speaker::Unknown,
        None => by_place,
    };
    Ok(Line {
        transcript: fit(transcript),
        speaker,
        is_named: is_told && speaker != Speaker::Unknown,
        if_first: names.first_speaker.filter(|_| !is_told),
        language: said(&names.language).and_then(|tag| Locale::parse(&tag).ok()),
        number: None,
    })
}

/// What neither a queue nor a database takes becomes a blank; line ends stay, because they end sentences.
pub(super) fn fit(text: String) -> String {
    let is_unfit = |letter: char| {
        (letter.is_control() && letter != '\n') || matches!(letter, '\u{fffe}' | '\u{ffff}')
    };
    if text.contains(is_unfit) {
        text.replace(is_unfit, " ")
    } else {
        text
    }
}

pub(super) fn find<'doc>(fields: &Fields<'doc>, path: &str) -> Option<&'doc RawValue> {
    match path.split_once('.') {
        None => fields.get(path).copied(),
        Some((first, rest)) => find(&json::fields(fields.get(first)?)?, rest),
    }
}

/// The text of a string, or a number or a truth as it is written.
pub(super) fn word(value: &RawValue) -> Option<String> {
    match value.get() {
        plain @ ("true" | "false") => Some(plain.to_owned()),
        number if number.bytes().all(|byte| byte.is_ascii_digit()) => Some(number.to_owned()),
        _ => json::text(value),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn read_json(frame: &Value) -> Result<Frame, FrameFlaw> {
        read(frame.to_string().as_bytes(), &FrameFields::default())
    }

    fn frame(state: &str, channels: &Value) -> Value {
        json!({"type": "interaction", "data": {"id": "i-1", "state": state, "channels": channels}})
    }

    fn heard(frame: &Value) -> Heard {
        match read_json(frame) {
            Ok(Frame::Interaction(heard)) => heard,
            _ => panic!("{frame}"),
        }
    }

    #[test]
    fn transcripts_are_read_by_channel() {
        let channels =
            json!([{"transcript": "Hello"}, {"kind": "chat"}, {"transcript": "a\u{0}\nb"}]);
        for (state, has_ended) in [("active", false), ("ended", true)] {
            let heard = heard(&frame(state, &channels));
            assert_eq!((heard.id.as_str(), heard.has_ended), ("i-1", has_ended));
            let texts: Vec<_> = heard
                .lines
                .iter()
                .map(|line| &line.transcript[..])
                .collect();
            assert_eq!(texts, ["Hello", "", "a \nb"]);
            assert!(
                heard
                    .lines
                    .iter()
                    .all(|line| line.speaker == Speaker::Unknown)
            );
        }
    }

    #[test]
    fn who_speaks_is_what_a_channel_says_or_else_its_place() {
        let names: FrameFields =
            serde_json::from_value(json!({"speaker": "who", "speakers": ["agent", "customer"]}))
                .unwrap();
        let (agent, customer, unknown) = (Speaker::Agent, Speaker::Customer, Speaker::Unknown);
        let [a, b, c] = ["a", "b", "c"].map(|text| json!({ "transcript": text }));
        let said = json!([{"who": "customer"}, {"who": "robot"}, {"who": "agent"}]);
        for (channels, expected) in [
            (json!([a, b]), vec![agent, customer]),
            // Which one is missing, or is one more, nobody says.
            (json!([b]), vec![unknown]),
            (json!([a, b, c]), vec![unknown, unknown, unknown]),
            (json!([a, {"who": "robot"}]), vec![agent, unknown]),
            (said, vec![customer, unknown, agent]),
            (json!([{"who": ""}, {"who": null}]), vec![agent, customer]),
            (
                json!([{"who": "AGENT"}, {"who": "CUSTOMER"}]),
                vec![agent, customer],
            ),
        ] {
            let frame = frame("active", &channels).to_string();
            let Ok(Frame::Interaction(heard)) = read(frame.as_bytes(), &names) else {
                panic!("{frame}")
            };
            let speakers: Vec<_> = heard.lines.iter().map(|line| line.speaker).collect();
            assert_eq!(speakers, expected);
        }
    }

    #[test]
    fn only_of_a_channel_that_says_nothing_of_itself_the_order_tells() {
        let names = json!({"speaker": "who", "first_speaker": "agent"});
        let names: FrameFields = serde_json::from_value(names).unwrap();
        let said = json!([{"transcript": "a"}, {"who": "robot"}, {"who": "customer"}]);
        let frame = frame("active", &said).to_string();
        let Ok(Frame::Interaction(heard)) = read(frame.as_bytes(), &names) else {
            panic!("{frame}")
        };
        let firsts: Vec<_> = heard.lines.iter().map(|line| line.if_first).collect();
        assert_eq!(firsts, [Some(Speaker::Agent), None, None]);
    }

    #[test]
    fn what_is_no_business_of_ours_is_no_flaw() {
        for other in [
            json!({}),
            json!({"type": "heartbeat"}),
            json!({"type": 5, "data": []}),
            json!({"type": "interaction"}),
            frame("queued", &json!([{"transcript": "Hello"}])),
        ] {
            assert!(matches!(read_json(&other), Ok(Frame::Other)), "{other}");
        }
        assert_eq!(heard(&frame("active", &json!(null))).lines.len(), 0);
    }

    #[test]
    fn flaws_have_names() {
        let nameless = json!({"type": "interaction", "data": {"id": " ", "state": "active"}});
        let deep = format!("{}{}", "[".repeat(70), "]".repeat(70));
        let named = FrameFields::default();
        for (bytes, flaw) in [
            (nameless.to_string(), FrameFlaw::Nameless),
            (
                frame("active", &json!("x")).to_string(),
                FrameFlaw::BadChannels,
            ),
            (
                frame("active", &json!([5])).to_string(),
                FrameFlaw::BadChannels,
            ),
            (
                frame("active", &json!(vec![json!({}); MOST_CHANNELS + 1])).to_string(),
                FrameFlaw::BadChannels,
            ),
            (
                frame("active", &json!([{"transcript": 5}])).to_string(),
                FrameFlaw::BadChannels,
            ),
            ("[]".to_owned(), FrameFlaw::NotJson),
            ("{".to_owned(), FrameFlaw::NotJson),
            (deep, FrameFlaw::NotJson),
            (" ".repeat(MOST_BYTES + 1), FrameFlaw::TooLarge),
        ] {
            assert_eq!(read(bytes.as_bytes(), &named).err(), Some(flaw));
        }
        let mut fits = frame("active", &json!([])).to_string();
        fits.push_str(&" ".repeat(MOST_BYTES - fits.len()));
        assert!(read(fits.as_bytes(), &named).is_ok());
    }

    #[test]
    fn a_long_talk_is_read_whole_and_a_channel_no_further_than_its_limit() {
        let spoken = "ü".repeat(MOST_TEXT / 2);
        let channels = json!([{"transcript": spoken}, {"transcript": spoken}]);
        // A recogniser may write it in plain letters.
        let plain = frame("active", &channels)
            .to_string()
            .replace('ü', "\\u00fc");
        assert!(plain.len() > 6 * MOST_TEXT && plain.len() <= MOST_BYTES);
        let Ok(Frame::Interaction(heard)) = read(plain.as_bytes(), &FrameFields::default()) else {
            panic!("it cannot be read")
        };
        assert!(heard.lines.iter().all(|line| line.transcript == spoken));
        let more = json!([{"transcript": "short"}, {"transcript": spoken + "!"}]);
        assert_eq!(
            read_json(&frame("active", &more)).err(),
            Some(FrameFlaw::TooLarge)
        );
    }

    #[test]
    fn a_tenant_may_call_it_otherwise_and_say_more() {
        let names: FrameFields = serde_json::from_value(json!({
            "kind": "event.name", "interaction": "talk", "id": "contact", "state": "phase", "active": ["on"],
            "channels": "lines", "transcript": "text.all", "speaker": "who", "customer": ["patron"], "language": "tongue",
        }))
        .unwrap();
        let frame = json!({"event": {"name": "talk"}, "contact": "c-7", "phase": "on", "lines": [
            {"text": {"all": "Hello"}, "who": "patron", "tongue": "en_us"}, {"who": "agent"}, {"who": "robot", "tongue": "?"}]});
        let Ok(Frame::Interaction(heard)) = read(frame.to_string().as_bytes(), &names) else {
            panic!("it cannot be read")
        };
        let speakers: Vec<_> = heard.lines.iter().map(|line| line.speaker).collect();
        assert_eq!(
            speakers,
            [Speaker::Customer, Speaker::Agent, Speaker::Unknown]
        );
        let tags: Vec<_> = heard
            .lines
            .iter()
            .map(|line| line.language.as_ref().map(Locale::as_str))
            .collect();
        assert_eq!(tags, [Some("en-US"), None, None]);
        assert_eq!(heard.lines[0].transcript, "Hello");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes, &FrameFields::default());
        }

        #[test]
        fn no_frame_like_text_panics(state in "active|ended|\\PC{0,5}", channels in "[\\[\\]{}:,\"a0 .e\\\\]{0,60}|null", id in "\\PC{0,9}") {
            let frame = format!(r#"{{"type":"interaction","data":{{"id":{},"state":{},"channels":{channels}}}}}"#, json!(id), json!(state));
            let _ = read(frame.as_bytes(), &FrameFields::default());
        }
    }
}
