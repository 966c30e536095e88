//! Privacy: what the articles of this category say.

use super::{Subject, Topic};

pub(super) const TOPIC: Topic = Topic {
    slug: "privacy",
    name: ["Privacy", "Datenschutz"],
    remarks: [
        [
            "We store no more than the contract needs and no longer than the law demands.",
            "Wir speichern nicht mehr, als der Vertrag braucht, und nicht länger, als das Gesetz verlangt.",
        ],
        [
            "Our privacy officer answers within {days} days.",
            "Unsere Datenschutzbeauftragte antwortet innerhalb von {days} Tagen.",
        ],
        [
            "Logs of visits are deleted after {days} days.",
            "Protokolle von Besuchen werden nach {days} Tagen gelöscht.",
        ],
    ],
    subjects: [
        Subject {
            title: [
                "Get a copy of your data",
                "Eine Kopie der eigenen Daten erhalten",
            ],
            facts: [
                [
                    "The copy holds contracts, invoices, messages and the data of {product}.",
                    "Die Kopie enthält Verträge, Rechnungen, Nachrichten und die Daten von {product}.",
                ],
                [
                    "It is made within {hours} hours and can be downloaded for {days} days.",
                    "Sie wird innerhalb von {hours} Stunden erstellt und kann {days} Tage lang heruntergeladen werden.",
                ],
                [
                    "The format is a ZIP archive with JSON and PDF files.",
                    "Das Format ist ein ZIP-Archiv mit JSON- und PDF-Dateien.",
                ],
            ],
            steps: [
                [
                    "Open <strong>Privacy</strong> and choose <em>Request a copy</em>.",
                    "Öffnen Sie <strong>Datenschutz</strong> und wählen Sie <em>Kopie anfordern</em>.",
                ],
                [
                    "Confirm with your second factor.",
                    "Bestätigen Sie mit Ihrem zweiten Faktor.",
                ],
                [
                    "Download the archive on a device of your own.",
                    "Laden Sie das Archiv auf ein eigenes Gerät herunter.",
                ],
            ],
            symptom: [
                "The archive cannot be unpacked.",
                "Das Archiv lässt sich nicht entpacken.",
            ],
            remedy: [
                "It is locked with the password that is shown once on the page; request a new copy if it is lost.",
                "Es ist mit dem Passwort geschützt, das die Seite einmal anzeigt; fordern Sie eine neue Kopie an, wenn es verloren ging.",
            ],
        },
        Subject {
            title: [
                "Delete an account and its data",
                "Ein Konto und seine Daten löschen",
            ],
            facts: [
                [
                    "Deletion is final after {days} days; until then you can change your mind.",
                    "Die Löschung ist nach {days} Tagen endgültig; bis dahin können Sie es sich anders überlegen.",
                ],
                [
                    "Invoices are kept for ten years because the law says so.",
                    "Rechnungen bleiben zehn Jahre gespeichert, weil das Gesetz es verlangt.",
                ],
                [
                    "Recordings of {product} are deleted at once.",
                    "Aufnahmen von {product} werden sofort gelöscht.",
                ],
            ],
            steps: [
                [
                    "Cancel all plans first.",
                    "Kündigen Sie zuerst alle Tarife.",
                ],
                [
                    "Choose <em>Delete account</em> under <strong>Privacy</strong>.",
                    "Wählen Sie <em>Konto löschen</em> unter <strong>Datenschutz</strong>.",
                ],
                [
                    "Confirm with the link in the e-mail.",
                    "Bestätigen Sie mit dem Link in der E-Mail.",
                ],
            ],
            symptom: [
                "The account cannot be deleted because of an open amount.",
                "Das Konto lässt sich wegen eines offenen Betrags nicht löschen.",
            ],
            remedy: [
                "Pay or dispute the amount; the request goes on by itself {hours} hours later.",
                "Begleichen Sie den Betrag oder widersprechen Sie ihm; der Antrag läuft {hours} Stunden später von selbst weiter.",
            ],
        },
        Subject {
            title: [
                "Choose which cookies are set",
                "Auswählen, welche Cookies gesetzt werden",
            ],
            facts: [
                [
                    "Necessary cookies keep you signed in and fill the basket.",
                    "Notwendige Cookies halten Sie angemeldet und füllen den Warenkorb.",
                ],
                [
                    "All others are off until you allow them.",
                    "Alle anderen sind aus, bis Sie sie erlauben.",
                ],
                [
                    "A choice is remembered for {days} weeks in this browser.",
                    "Eine Auswahl wird in diesem Browser {days} Wochen lang gemerkt.",
                ],
            ],
            steps: [
                [
                    "Click <em>Cookies</em> at the foot of any page.",
                    "Klicken Sie am Fuß einer beliebigen Seite auf <em>Cookies</em>.",
                ],
                [
                    "Switch groups on or off.",
                    "Schalten Sie Gruppen ein oder aus.",
                ],
                [
                    "Save; the page loads again.",
                    "Speichern Sie; die Seite lädt neu.",
                ],
            ],
            symptom: [
                "The question about cookies comes on every visit.",
                "Die Frage nach Cookies kommt bei jedem Besuch.",
            ],
            remedy: [
                "The browser deletes the answer when it closes; allow our pages to store it.",
                "Der Browser löscht die Antwort beim Schließen; erlauben Sie unseren Seiten, sie zu speichern.",
            ],
        },
        Subject {
            title: [
                "Object to the recording of calls",
                "Der Aufzeichnung von Anrufen widersprechen",
            ],
            facts: [
                [
                    "Calls are recorded only if you agree at the beginning.",
                    "Anrufe werden nur aufgezeichnet, wenn Sie zu Beginn zustimmen.",
                ],
                [
                    "Recordings serve training and are deleted after {days} days.",
                    "Aufnahmen dienen der Schulung und werden nach {days} Tagen gelöscht.",
                ],
                [
                    "Card numbers are cut out before anything is stored.",
                    "Kartennummern werden vor dem Speichern herausgeschnitten.",
                ],
            ],
            steps: [
                [
                    "Say <em>no</em> when the voice asks.",
                    "Sagen Sie <em>nein</em>, wenn die Stimme fragt.",
                ],
                [
                    "Or switch recording off for all calls under <strong>Privacy</strong>.",
                    "Oder schalten Sie Aufnahmen unter <strong>Datenschutz</strong> für alle Anrufe ab.",
                ],
                [
                    "Ask the agent to stop at any time during the call.",
                    "Bitten Sie während des Gesprächs jederzeit um das Ende der Aufnahme.",
                ],
            ],
            symptom: [
                "I agreed and want a recording deleted.",
                "Ich habe zugestimmt und möchte eine Aufnahme löschen lassen.",
            ],
            remedy: [
                "Name the day and the number of the call; it is deleted within {hours} hours.",
                "Nennen Sie Tag und Rufnummer des Anrufs; die Aufnahme wird innerhalb von {hours} Stunden gelöscht.",
            ],
        },
    ],
};
