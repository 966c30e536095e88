//! Pieces of invented conversations, none like another, of the size that the chunker makes.

use std::fs;
use std::path::PathBuf;

use crate::bench::Outcome;
use crate::stage;

/// How many.
pub(crate) const COUNT: usize = 64;
/// How long they are, as found by counting.
pub(crate) const LENGTH: &str = "110 to 164 tokens each, 137";

const SENTENCES: [&str; 14] = [
    "Customer: The parcel came on Tuesday, but the lid was cracked and one of the two cups was missing.",
    "Agent: I am sorry to hear that; may I have the number of your order, please?",
    "Customer: It should be 4471-B, I ordered it in the second week of May together with a teapot.",
    "Agent: Thank you, I see it here, and I see that the carrier noted damage on the outside of the box.",
    "Customer: Nobody told me anything about that, the driver just left it next to the door in the rain.",
    "Agent: I understand why you are annoyed. We can send a new set today, or give you the money back.",
    "Customer: How long would a new one take? We have guests on Saturday and I would rather not wait.",
    "Agent: With express delivery it will be with you on Thursday before noon, at no cost to you.",
    "Customer: All right, then please do that, but could somebody call me before they come?",
    "Agent: Of course, I have added your mobile number to the delivery, and you will get a message as well.",
    "Customer: My colleague could not log in yesterday either, the page kept asking for a code that never came.",
    "Agent: The codes were delayed between nine and eleven in the evening; it has been mended since.",
    "Customer: Then there is the invoice, which still shows the old address even though I changed it twice.",
    "Agent: I have corrected the invoice and will send it again within the hour, with a note for your accountant.",
];

/// Writes them into a file that every contender reads.
pub(crate) fn write() -> Outcome<PathBuf> {
    let path = stage::folder()?.join("minilm-texts.json");
    let texts: Vec<String> = (0..COUNT).map(text).collect();
    fs::write(&path, serde_json::to_string(&texts)?)?;
    Ok(path)
}

/// Five to seven sentences, from another place and in other steps each time.
fn text(number: usize) -> String {
    let steps = [1, 3, 5, 9, 11, 13];
    let step = steps[number / SENTENCES.len() % steps.len()];
    let places = (0..5 + number % 3).map(|turn| (number + turn * step) % SENTENCES.len());
    let sentences: Vec<&str> = places.map(|place| SENTENCES[place]).collect();
    sentences.join(" ")
}
