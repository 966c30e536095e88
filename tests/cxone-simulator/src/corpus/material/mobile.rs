//! Mobile: what the articles of this category say.

use super::{Subject, Topic};

pub(super) const TOPIC: Topic = Topic {
    slug: "mobile",
    name: ["Mobile", "Mobilfunk"],
    remarks: [
        [
            "Emergency calls work without credit and without a plan.",
            "Notrufe funktionieren ohne Guthaben und ohne Tarif.",
        ],
        [
            "Roaming prices are sent by text message when you cross a border.",
            "Roamingpreise kommen beim Grenzübertritt per SMS.",
        ],
        [
            "Numbers can be kept when the provider changes.",
            "Rufnummern lassen sich beim Anbieterwechsel mitnehmen.",
        ],
    ],
    subjects: [
        Subject {
            title: ["Activate an eSIM", "Eine eSIM aktivieren"],
            facts: [
                [
                    "An eSIM is a card without plastic: the profile is loaded over the network.",
                    "Eine eSIM ist eine Karte ohne Plastik: Das Profil wird über das Netz geladen.",
                ],
                [
                    "A profile can be loaded {days} times before it is replaced.",
                    "Ein Profil kann {days}-mal geladen werden, bevor es ersetzt wird.",
                ],
                [
                    "{product} can hold several profiles, two of them active.",
                    "{product} kann mehrere Profile speichern, zwei davon aktiv.",
                ],
            ],
            steps: [
                [
                    "Connect to a wireless network.",
                    "Verbinden Sie sich mit einem WLAN.",
                ],
                [
                    "Scan the code from the letter and confirm with the PIN.",
                    "Scannen Sie den Code aus dem Brief und bestätigen Sie mit der PIN.",
                ],
                [
                    "Switch the profile on and restart once.",
                    "Schalten Sie das Profil ein und starten Sie einmal neu.",
                ],
            ],
            symptom: [
                "The profile is loaded but there is no network.",
                "Das Profil ist geladen, aber es gibt kein Netz.",
            ],
            remedy: [
                "Activation takes up to {hours} hours; after that, choose the network by hand.",
                "Die Aktivierung dauert bis zu {hours} Stunden; wählen Sie das Netz danach von Hand aus.",
            ],
        },
        Subject {
            title: ["Use your phone abroad", "Das Telefon im Ausland nutzen"],
            facts: [
                [
                    "In countries of zone one your plan holds as it does at home.",
                    "In Ländern der Zone eins gilt Ihr Tarif wie zu Hause.",
                ],
                [
                    "Elsewhere data is blocked once {amount} has been spent.",
                    "Anderswo werden Daten gesperrt, sobald {amount} verbraucht sind.",
                ],
                [
                    "A travel pass for {days} days is cheaper than single prices.",
                    "Ein Reisepass für {days} Tage ist günstiger als Einzelpreise.",
                ],
            ],
            steps: [
                [
                    "Book the pass before you leave.",
                    "Buchen Sie den Pass vor der Abreise.",
                ],
                [
                    "Allow data roaming in the settings of the phone.",
                    "Erlauben Sie Datenroaming in den Einstellungen des Telefons.",
                ],
                [
                    "Check the use in the app every evening.",
                    "Prüfen Sie jeden Abend den Verbrauch in der App.",
                ],
            ],
            symptom: [
                "There is no data after landing.",
                "Nach der Landung gibt es keine Daten.",
            ],
            remedy: [
                "Switch flight mode on and off, then choose another network by hand.",
                "Schalten Sie den Flugmodus ein und aus und wählen Sie dann ein anderes Netz von Hand.",
            ],
        },
        Subject {
            title: [
                "Keep your number when you switch",
                "Die Rufnummer beim Wechsel mitnehmen",
            ],
            facts: [
                [
                    "The old provider has to release the number; that is free of charge.",
                    "Der alte Anbieter muss die Nummer freigeben; das ist kostenlos.",
                ],
                [
                    "The change happens at night and interrupts the service for {minutes} minutes.",
                    "Der Wechsel geschieht nachts und unterbricht den Dienst für {minutes} Minuten.",
                ],
                [
                    "A number can be ported up to {days} days after the end of the old contract.",
                    "Eine Nummer kann bis {days} Tage nach dem Ende des alten Vertrags mitgenommen werden.",
                ],
            ],
            steps: [
                [
                    "Ask the old provider for the release.",
                    "Bitten Sie den alten Anbieter um die Freigabe.",
                ],
                [
                    "Enter the number and your name exactly as in the old contract.",
                    "Tragen Sie Nummer und Namen genau wie im alten Vertrag ein.",
                ],
                [
                    "Put in the new card on the day of the change.",
                    "Legen Sie am Wechseltag die neue Karte ein.",
                ],
            ],
            symptom: [
                "The request was refused because of the data.",
                "Der Antrag wurde wegen der Daten abgelehnt.",
            ],
            remedy: [
                "Names and dates of birth must match; ask the old provider how they are spelled there.",
                "Namen und Geburtsdaten müssen übereinstimmen; fragen Sie den alten Anbieter nach der Schreibweise.",
            ],
        },
        Subject {
            title: ["Set up voicemail", "Die Mailbox einrichten"],
            facts: [
                [
                    "Voicemail answers after {minutes} seconds unless you change that.",
                    "Die Mailbox nimmt nach {minutes} Sekunden ab, wenn Sie nichts ändern.",
                ],
                [
                    "Messages are kept for {days} days.",
                    "Nachrichten bleiben {days} Tage gespeichert.",
                ],
                [
                    "Listening is free at home; abroad it is a normal call.",
                    "Das Abhören ist im Inland kostenlos, im Ausland ein normales Gespräch.",
                ],
            ],
            steps: [
                [
                    "Hold the key 1 to call the mailbox.",
                    "Halten Sie die Taste 1, um die Mailbox anzurufen.",
                ],
                [
                    "Choose a PIN of six digits and record a greeting.",
                    "Wählen Sie eine sechsstellige PIN und sprechen Sie eine Begrüßung auf.",
                ],
                [
                    "Say in the menu when calls are forwarded.",
                    "Legen Sie im Menü fest, wann Anrufe umgeleitet werden.",
                ],
            ],
            symptom: [
                "The mailbox asks for a PIN that I never set.",
                "Die Mailbox fragt nach einer PIN, die ich nie gesetzt habe.",
            ],
            remedy: [
                "Have it reset in the app; the new one comes as a text message within {minutes} minutes.",
                "Setzen Sie sie in der App zurück; die neue kommt innerhalb von {minutes} Minuten per SMS.",
            ],
        },
    ],
};
