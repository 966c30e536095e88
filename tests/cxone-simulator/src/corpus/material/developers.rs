//! Developers: what the articles of this category say.

use super::{Subject, Topic};

pub(super) const TOPIC: Topic = Topic {
    slug: "developers",
    name: ["Developers", "Entwicklung"],
    remarks: [
        [
            "The interface allows {percent} requests a second for each key.",
            "Die Schnittstelle erlaubt {percent} Anfragen je Sekunde und Schlüssel.",
        ],
        [
            "Breaking changes are announced {days} weeks before they come.",
            "Änderungen, die bestehende Programme brechen, werden {days} Wochen vorher angekündigt.",
        ],
        [
            "Answers are JSON in UTF-8; unknown fields must be ignored.",
            "Antworten sind JSON in UTF-8; unbekannte Felder müssen ignoriert werden.",
        ],
    ],
    subjects: [
        Subject {
            title: ["Create an API key", "Einen API-Schlüssel anlegen"],
            facts: [
                [
                    "A key belongs to a project and has only the rights you tick.",
                    "Ein Schlüssel gehört zu einem Projekt und hat nur die Rechte, die Sie ankreuzen.",
                ],
                [
                    "It is shown once; we store only its fingerprint.",
                    "Er wird einmal angezeigt; wir speichern nur seinen Fingerabdruck.",
                ],
                [
                    "Keys without use are switched off after {days} days.",
                    "Unbenutzte Schlüssel werden nach {days} Tagen abgeschaltet.",
                ],
            ],
            steps: [
                [
                    "Open <strong>Developers</strong> and choose <em>New key</em>.",
                    "Öffnen Sie <strong>Entwicklung</strong> und wählen Sie <em>Neuer Schlüssel</em>.",
                ],
                [
                    "Give it a name that says where it is used.",
                    "Geben Sie ihm einen Namen, der sagt, wo er benutzt wird.",
                ],
                [
                    "Put it in a secret store, never in source code.",
                    "Legen Sie ihn in einem Geheimnisspeicher ab, nie im Quelltext.",
                ],
            ],
            symptom: [
                "A new key is refused with status 401.",
                "Ein neuer Schlüssel wird mit Status 401 abgelehnt.",
            ],
            remedy: [
                "New keys need {minutes} seconds to reach all regions; wait and try again.",
                "Neue Schlüssel brauchen {minutes} Sekunden, bis alle Regionen sie kennen; warten Sie und versuchen Sie es erneut.",
            ],
        },
        Subject {
            title: ["Receive webhooks", "Webhooks empfangen"],
            facts: [
                [
                    "A webhook is a POST request that tells your server what has happened.",
                    "Ein Webhook ist eine POST-Anfrage, die Ihrem Server sagt, was geschehen ist.",
                ],
                [
                    "Answer within {minutes} seconds and do the work later.",
                    "Antworten Sie innerhalb von {minutes} Sekunden und erledigen Sie die Arbeit später.",
                ],
                [
                    "The same message can come twice; its id tells you.",
                    "Dieselbe Nachricht kann zweimal kommen; ihre Kennung verrät es.",
                ],
            ],
            steps: [
                [
                    "Register the address of your server, which must use TLS.",
                    "Tragen Sie die Adresse Ihres Servers ein; sie muss TLS verwenden.",
                ],
                [
                    "Check the signature before you read the body.",
                    "Prüfen Sie die Signatur, bevor Sie den Inhalt lesen.",
                ],
                [
                    "Send a test message for {product} and look at the log.",
                    "Senden Sie eine Testnachricht für {product} und sehen Sie ins Protokoll.",
                ],
            ],
            symptom: [
                "Messages arrive hours late.",
                "Nachrichten kommen Stunden zu spät.",
            ],
            remedy: [
                "Your server answered with errors, so we waited longer each time; after {hours} hours we give up.",
                "Ihr Server hat mit Fehlern geantwortet, deshalb haben wir jedes Mal länger gewartet; nach {hours} Stunden geben wir auf.",
            ],
        },
        Subject {
            title: ["Handle rate limits", "Mit Anfragegrenzen umgehen"],
            facts: [
                [
                    "Over the limit the answer is status 429 with the header <code>Retry-After</code>.",
                    "Über der Grenze lautet die Antwort Status 429 mit der Kopfzeile <code>Retry-After</code>.",
                ],
                [
                    "The limit counts for a key, not for an address.",
                    "Die Grenze gilt je Schlüssel, nicht je Adresse.",
                ],
                [
                    "A larger limit is possible from {amount} a month.",
                    "Eine höhere Grenze gibt es ab {amount} im Monat.",
                ],
            ],
            steps: [
                [
                    "Read the header and wait for as long as it says.",
                    "Lesen Sie die Kopfzeile und warten Sie so lange, wie sie sagt.",
                ],
                [
                    "Add a random part to the wait so that clients do not come back together.",
                    "Fügen Sie der Wartezeit einen zufälligen Teil hinzu, damit nicht alle zugleich wiederkommen.",
                ],
                [
                    "Collect small requests into larger ones.",
                    "Fassen Sie kleine Anfragen zu größeren zusammen.",
                ],
            ],
            symptom: [
                "The limit is reached although little is sent.",
                "Die Grenze wird erreicht, obwohl wenig gesendet wird.",
            ],
            remedy: [
                "Another program uses the same key; give every program its own.",
                "Ein anderes Programm nutzt denselben Schlüssel; geben Sie jedem Programm einen eigenen.",
            ],
        },
        Subject {
            title: [
                "Page through a long list",
                "Durch eine lange Liste blättern",
            ],
            facts: [
                [
                    "Lists come in pages of at most one hundred entries.",
                    "Listen kommen in Seiten von höchstens hundert Einträgen.",
                ],
                [
                    "Entries can move between two pages while the list changes.",
                    "Einträge können zwischen zwei Seiten wandern, während sich die Liste ändert.",
                ],
                [
                    "Offsets over {days}000 are slow; use a date instead.",
                    "Versätze über {days}000 sind langsam; verwenden Sie stattdessen ein Datum.",
                ],
            ],
            steps: [
                [
                    "Ask for the first page and remember the newest date.",
                    "Fragen Sie die erste Seite ab und merken Sie sich das neueste Datum.",
                ],
                [
                    "Raise the offset by the number of entries that came.",
                    "Erhöhen Sie den Versatz um die Zahl der gelieferten Einträge.",
                ],
                [
                    "Stop at the first page that is shorter than the limit.",
                    "Hören Sie bei der ersten Seite auf, die kürzer als das Limit ist.",
                ],
            ],
            symptom: [
                "Some entries are missing after a full run.",
                "Nach einem vollen Durchlauf fehlen Einträge.",
            ],
            remedy: [
                "Something was deleted meanwhile and the rest moved up; run again with a date a little earlier.",
                "Zwischendurch wurde etwas gelöscht und der Rest rückte auf; starten Sie erneut mit einem etwas früheren Datum.",
            ],
        },
    ],
};
