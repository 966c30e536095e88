//! What holds where nothing is configured: three categories, each with sentences that are typical of it.

/// Where a text goes that is like nothing else.
pub(super) const DEFAULT: &str = "general_inquiry";

/// Below this cosine a text is like nothing. Measured with `MiniLM`: a higher one costs accuracy.
pub(super) const THRESHOLD: f32 = 0.05;

/// The words that decide where there are no vectors; the first category that has one wins.
pub(super) const KEYWORDS: [(&str, &[&str]); 2] = [
    ("billing_dispute", &["refund", "return", "cancel"]),
    ("technical_support", &["help", "issue", "broken", "error"]),
];

/// Examples by category.
pub(super) const EXAMPLES: [(&str, &[&str]); 3] = [
    (
        "billing_dispute",
        &[
            "I was charged twice for the same order.",
            "I would like my money back.",
            "There is a charge on my card that I do not recognise.",
            "The invoice shows a higher amount than we agreed.",
            "I want to cancel my subscription and get a refund.",
            "I sent the item back and the refund has not been paid.",
            "You still bill me although I have cancelled.",
            "I want to return this product, it arrived damaged.",
            "Please remove this fee from my bill, I did not order that service.",
            "The discount was not taken off the price I paid.",
            "My bill is much higher than last month and I dispute it.",
            "I do not accept this payment and ask you to reverse it.",
        ],
    ),
    (
        "technical_support",
        &[
            "I cannot log in to my account.",
            "The app crashes when I open it.",
            "I get an error message on the website.",
            "The device does not turn on any more.",
            "My internet connection keeps dropping.",
            "The update failed and now nothing works.",
            "The password reset mail does not arrive.",
            "The machine is broken and shows a fault code.",
            "The page does not load, it is very slow.",
            "My data does not synchronise between devices.",
            "The connection to your interface times out.",
            "How do I fix this, the function has stopped working?",
        ],
    ),
    (
        "general_inquiry",
        &[
            "What are your opening hours?",
            "Do you deliver to my country?",
            "When will my order arrive?",
            "I would like to change my address.",
            "Which product would you recommend?",
            "Is this article in stock?",
            "I would like to make an appointment.",
            "What is the difference between these two plans?",
            "How long is the warranty?",
            "Which documents do I need to send you?",
            "Thank you for the good service.",
            "Can you tell me more about what you offer?",
        ],
    ),
];
