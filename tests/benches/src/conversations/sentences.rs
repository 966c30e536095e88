//! What agents and customers say. All of it is invented; `{…}` is filled in from the lists below.

/// What a conversation is about: its subject, and what the customer comes with.
pub(super) const MATTERS: [(&str, [&str; 3]); 12] = [
    (
        "Order {order}: the {thing} arrived damaged",
        [
            "Hello, I ordered a {thing} last {day} and it came with a crack all along the left side.",
            "The box was open on one corner and somebody had put brown tape over it, so I took photos before I unpacked anything.",
            "I need it for a birthday in {city} next week, so a repair that takes a month does not help me at all.",
        ],
    ),
    (
        "Refund for order {order}",
        [
            "Good morning, I sent the {thing} back {number} days ago and the {amount} euros are still not on my account.",
            "The tracking page says that your warehouse in {city} signed for it, and the name there is {name}.",
            "My bank says that nothing is pending on their side, I called them about it on {day}.",
        ],
    ),
    (
        "I cannot log in",
        [
            "Since {day} your app tells me that my password is wrong, although I have not changed it for a year.",
            "When I ask for a new one the mail never arrives, not even in the folder for junk mail.",
            "I tried the website on my laptop as well, and there the page just loads for ever and then shows error {number}.",
        ],
    ),
    (
        "Internet connection drops in the evening",
        [
            "Every evening between eight and ten the connection goes away for {number} minutes at a time, always when we sit down to watch something.",
            "The router shows a red lamp on the second place from the left, and it restarts by itself after a while.",
            "My neighbour in {city} has the same contract with you and no trouble whatsoever.",
        ],
    ),
    (
        "Invoice {order} is too high",
        [
            "The invoice of this month is {amount} euros higher than the one before, and nobody told me about a new price.",
            "There is a line on it that just says service package plus, and I am quite sure that I never ordered such a thing.",
            "I have been a customer for {number} years, and this is the second time that I have to call about an invoice.",
        ],
    ),
    (
        "Change of address to {city}",
        [
            "We are moving to {city} on the first of the month and I would like to take the contract with us.",
            "The new flat is on the third floor and the people before us used another provider, if that matters.",
            "Please send the {thing} to the new address as well, the order number is {order}.",
        ],
    ),
    (
        "Cancel my subscription",
        [
            "I would like to cancel my subscription at the end of the period, I hardly used it in the last {number} months.",
            "On the website the button leads me to an offer and then back to the beginning, so I thought I would rather write to you.",
            "Please confirm in writing that no more than the {amount} euros of this month will be taken from my account.",
        ],
    ),
    (
        "Where is my parcel {order}?",
        [
            "The parcel was promised for {day} and the tracking has said the same thing since: in the depot near {city}.",
            "Nobody rang at our door, I was at home the whole day because of it, and there was no card in the letter box either.",
            "There is a {thing} in it that I have already paid for, {amount} euros, and I would like to know who is responsible now.",
        ],
    ),
    (
        "Question about the warranty of a {thing}",
        [
            "My {thing} makes a grinding noise when it gets warm, and it is {number} months old.",
            "I kept the receipt, it says {amount} euros and the shop in {city}, but that shop has closed in the meantime.",
            "A friend told me that the same part broke on his, so it looks to me like a fault from the factory.",
        ],
    ),
    (
        "Appointment with the technician",
        [
            "The technician was supposed to come on {day} between eight and twelve, and nobody came and nobody called.",
            "I took a day off work for it, which I can not do every week, so a time in the afternoon would be better.",
            "The notice in the hall names a Mr {name}, but the number under it belongs to a bakery in {city}.",
        ],
    ),
    (
        "Card declined when paying",
        [
            "I am trying to pay for a {thing} and every time I press the button the page says that the card was declined.",
            "It is the same card as always, I paid {amount} euros with it in a shop in {city} this very morning.",
            "Now there are {number} reservations on my account and I am afraid that I will be charged for every one of them.",
        ],
    ),
    (
        "Complaint about a call on {day}",
        [
            "On {day} I was on the phone for {number} minutes and then the line went dead in the middle of a sentence.",
            "Your colleague, I believe the name was {name}, had promised to call back on the same day, and I am still waiting.",
            "All I wanted was a copy of the contract for the {thing}, which should not be so very hard.",
        ],
    ),
];

/// Where an agent asks and a customer answers.
pub(super) const EXCHANGES: [(&str, &str); 18] = [
    (
        "Could you give me the order number, please?",
        "Yes, of course, it is {order}, and it is in the mail that you sent me on {day} as well.",
    ),
    (
        "Under which address would we find the account?",
        "That should be {mail}, but an older one of mine may still be in there.",
    ),
    (
        "Which number can we reach you at if we are cut off?",
        "Best on my mobile, {phone}, at any time after four in the afternoon.",
    ),
    (
        "May I ask for your name as it stands on the contract?",
        "{name}, and the contract may run on my wife, she set it up at the time.",
    ),
    (
        "Did you see an error message, and if so, could you read it to me?",
        "It said that something went wrong, with a number below it, {number} I think, and then a long row of letters.",
    ),
    (
        "Have you tried to restart it and to wait for about ten minutes?",
        "Twice yesterday and once this morning, I even left it without power for an hour, and it made no difference.",
    ),
    (
        "Is the device connected by cable or over the wireless network?",
        "By cable, the white one that came with it, straight into the socket behind the shelf.",
    ),
    (
        "Would a replacement be all right for you, or do you prefer the money back?",
        "A replacement, if it can be here before {day}, and otherwise I would rather have the money.",
    ),
    (
        "I can see the payment here, could you tell me the date on your statement?",
        "The statement says the fourth, {amount} euros, with a reference that begins with {order}.",
    ),
    (
        "Would you send us two or three photos, one of them of the label?",
        "I can do that tonight, the label is half torn off, but the number on it can still be read.",
    ),
    (
        "Did anything change around that time, perhaps a new phone or an update?",
        "There was an update in the night to {day}, now that you say it, and it all began the morning after.",
    ),
    (
        "I am going to put you on hold for a moment while I ask the warehouse.",
        "That is fine, please do not hang up, it took me {number} minutes to get through to you.",
    ),
    (
        "The warehouse in {city} confirms that they have {number} of them left.",
        "Good, then please put one aside for me, I do not want to be told next week that they are gone.",
    ),
    (
        "I have taken the charge of {amount} euros back, it will show within five days.",
        "Five days is a long time, but all right, as long as I get a mail about it.",
    ),
    (
        "For such cases we can offer a credit of {number} euros on the next invoice.",
        "That is kind, although what I would really like is that it does not happen again.",
    ),
    (
        "I will note that the morning does not suit you.",
        "Thank you, and would you also note that the bell does not work and that they have to call.",
    ),
    (
        "It looks as if the address was stored without the house number.",
        "That would explain a lot, it is number {number}, the entrance is in the yard behind the bicycle shop.",
    ),
    (
        "Our system shows a ticket from {day}, has anybody answered it?",
        "No, I only got the automatic answer that you received it, with a picture of a smiling lady.",
    ),
];

/// How an agent begins.
pub(super) const GREETINGS: [&str; 4] = [
    "Good morning, you are speaking with {name}, what can I do for you?",
    "Hello and welcome, my name is {name}, how can I help you today?",
    "Thank you for waiting, this is {name} from the customer desk, what is it about?",
    "Hi, {name} here, I have your message in front of me, let us have a look at it together.",
];

/// How a customer ends.
pub(super) const FAREWELLS: [&str; 4] = [
    "Thank you, that was quicker than I thought, have a good day.",
    "All right, then I will wait for the mail, and if it does not come by {day} I will call again.",
    "I hope so, this is the {number}th time that I hear it, but thank you for your patience.",
    "Perfect, that is all that I wanted to know, goodbye.",
];

/// What fills the gaps, by their names.
pub(super) const GAPS: [(&str, &[&str]); 4] = [
    (
        "thing",
        &[
            "coffee machine",
            "desk lamp",
            "router",
            "winter jacket",
            "headset",
            "garden chair",
            "tablet",
            "kettle",
            "suitcase",
            "monitor",
        ],
    ),
    (
        "city",
        &[
            "Rotterdam",
            "Graz",
            "Leeds",
            "Malmo",
            "Porto",
            "Lyon",
            "Bremen",
            "Cork",
            "Turin",
            "Gdansk",
            "Basel",
            "Ghent",
        ],
    ),
    (
        "day",
        &[
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
        ],
    ),
    (
        "name",
        &[
            "Ana Brandt",
            "Tomas Keller",
            "Mira Olsen",
            "Jon Parker",
            "Lena Fuchs",
            "Omar Haddad",
            "Petra Novak",
            "Sam Whitlock",
        ],
    ),
];
