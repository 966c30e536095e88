//! Billing: what the articles of this category say.

use super::{Subject, Topic};

pub(super) const TOPIC: Topic = Topic {
    slug: "billing",
    name: ["Billing", "Rechnungen"],
    remarks: [
        [
            "Amounts include value added tax unless the invoice says otherwise.",
            "Alle Beträge enthalten die Mehrwertsteuer, sofern die Rechnung nichts anderes sagt.",
        ],
        [
            "Our billing team answers written questions within {hours} hours on working days.",
            "Unser Rechnungsteam beantwortet schriftliche Fragen an Werktagen innerhalb von {hours} Stunden.",
        ],
        [
            "Corrections always appear on the next invoice, never as a change of an old one.",
            "Korrekturen erscheinen immer auf der nächsten Rechnung und ändern nie eine alte.",
        ],
    ],
    subjects: [
        Subject {
            title: ["Change your billing address", "Rechnungsadresse ändern"],
            facts: [
                [
                    "The billing address is printed on every invoice and decides which tax rate applies.",
                    "Die Rechnungsadresse steht auf jeder Rechnung und entscheidet, welcher Steuersatz gilt.",
                ],
                [
                    "A new address takes effect with the next billing run, at the latest after {days} days.",
                    "Eine neue Adresse gilt ab dem nächsten Rechnungslauf, spätestens nach {days} Tagen.",
                ],
                [
                    "Invoices that have already been sent keep the old address.",
                    "Bereits verschickte Rechnungen behalten die alte Adresse.",
                ],
            ],
            steps: [
                [
                    "Sign in and open <strong>Account</strong> and then <strong>Billing details</strong>.",
                    "Melden Sie sich an und öffnen Sie <strong>Konto</strong> und dann <strong>Rechnungsdaten</strong>.",
                ],
                [
                    "Choose the contract for {product} and select <em>Edit address</em>.",
                    "Wählen Sie den Vertrag für {product} und klicken Sie auf <em>Adresse bearbeiten</em>.",
                ],
                [
                    "Enter the new address, confirm the country and save.",
                    "Geben Sie die neue Adresse ein, bestätigen Sie das Land und speichern Sie.",
                ],
            ],
            symptom: [
                "The form says that the postcode is not valid.",
                "Das Formular meldet, die Postleitzahl sei ungültig.",
            ],
            remedy: [
                "Remove blanks from the postcode and check that the country is set before the postcode is typed.",
                "Entfernen Sie Leerzeichen aus der Postleitzahl und wählen Sie das Land aus, bevor Sie die Postleitzahl eintragen.",
            ],
        },
        Subject {
            title: [
                "Understand a prorated charge",
                "Eine anteilige Gebühr verstehen",
            ],
            facts: [
                [
                    "When a plan starts in the middle of a month, only the days in use are charged.",
                    "Beginnt ein Tarif mitten im Monat, werden nur die genutzten Tage berechnet.",
                ],
                [
                    "The first invoice for {product} can therefore show a part of a month and a full month together.",
                    "Die erste Rechnung für {product} kann deshalb einen Teilmonat und einen vollen Monat zusammen zeigen.",
                ],
                [
                    "A prorated line carries the two dates it covers and the daily rate, for example {amount}.",
                    "Eine anteilige Zeile nennt die beiden Daten, für die sie gilt, und den Tagessatz, zum Beispiel {amount}.",
                ],
            ],
            steps: [
                [
                    "Open the invoice and look for the lines marked <em>part of month</em>.",
                    "Öffnen Sie die Rechnung und suchen Sie die Zeilen mit dem Vermerk <em>Teilmonat</em>.",
                ],
                [
                    "Multiply the daily rate by the number of days between the two dates.",
                    "Multiplizieren Sie den Tagessatz mit der Zahl der Tage zwischen den beiden Daten.",
                ],
                [
                    "Compare the result with the amount; a difference of one cent is rounding.",
                    "Vergleichen Sie das Ergebnis mit dem Betrag; ein Unterschied von einem Cent ist Rundung.",
                ],
            ],
            symptom: [
                "The first invoice is much higher than the price of the plan.",
                "Die erste Rechnung ist viel höher als der Preis des Tarifs.",
            ],
            remedy: [
                "It holds the prorated days, one month in advance and the activation fee of {amount}; the second invoice shows the normal price.",
                "Sie enthält die anteiligen Tage, einen Monat im Voraus und die Aktivierungsgebühr von {amount}; die zweite Rechnung zeigt den normalen Preis.",
            ],
        },
        Subject {
            title: [
                "Download an invoice as a PDF",
                "Eine Rechnung als PDF herunterladen",
            ],
            facts: [
                [
                    "Invoices stay in the archive for {days} months and can be downloaded as often as you like.",
                    "Rechnungen bleiben {days} Monate im Archiv und lassen sich beliebig oft herunterladen.",
                ],
                [
                    "Every file is signed, so that your accountant can check that it has not been changed.",
                    "Jede Datei ist signiert, damit Ihre Buchhaltung prüfen kann, dass sie unverändert ist.",
                ],
                [
                    "Only the owner of the account and people with the role <code>finance</code> see invoices.",
                    "Nur die Inhaberin oder der Inhaber des Kontos und Personen mit der Rolle <code>finance</code> sehen Rechnungen.",
                ],
            ],
            steps: [
                [
                    "Open <strong>Invoices</strong> and filter by year.",
                    "Öffnen Sie <strong>Rechnungen</strong> und filtern Sie nach Jahr.",
                ],
                [
                    "Tick the invoices you need and choose <em>Download</em>.",
                    "Markieren Sie die gewünschten Rechnungen und wählen Sie <em>Herunterladen</em>.",
                ],
                [
                    "Unpack the archive; the file names start with the invoice number.",
                    "Entpacken Sie das Archiv; die Dateinamen beginnen mit der Rechnungsnummer.",
                ],
            ],
            symptom: [
                "The downloaded file is empty or does not open.",
                "Die heruntergeladene Datei ist leer oder lässt sich nicht öffnen.",
            ],
            remedy: [
                "Switch off download managers and try again in a private window; a file that is really damaged is rebuilt within {hours} hours.",
                "Schalten Sie Download-Programme ab und versuchen Sie es in einem privaten Fenster erneut; eine wirklich beschädigte Datei wird innerhalb von {hours} Stunden neu erstellt.",
            ],
        },
        Subject {
            title: [
                "Dispute a charge on your invoice",
                "Einer Rechnungsposition widersprechen",
            ],
            facts: [
                [
                    "You can dispute a single line without holding back the rest of the invoice.",
                    "Sie können einer einzelnen Zeile widersprechen, ohne den Rest der Rechnung zurückzuhalten.",
                ],
                [
                    "A dispute has to reach us within {days} days of the invoice date.",
                    "Ein Widerspruch muss uns innerhalb von {days} Tagen nach dem Rechnungsdatum erreichen.",
                ],
                [
                    "While it is being checked, no reminder is sent for the disputed amount.",
                    "Während der Prüfung wird für den strittigen Betrag keine Mahnung verschickt.",
                ],
            ],
            steps: [
                [
                    "Open the invoice, choose the line and select <em>Something is wrong</em>.",
                    "Öffnen Sie die Rechnung, wählen Sie die Zeile und klicken Sie auf <em>Hier stimmt etwas nicht</em>.",
                ],
                [
                    "Say in one or two sentences what you expected instead.",
                    "Schreiben Sie in ein oder zwei Sätzen, was Sie stattdessen erwartet haben.",
                ],
                [
                    "Attach a photo of the contract if the price differs from it.",
                    "Fügen Sie ein Foto des Vertrags bei, wenn der Preis davon abweicht.",
                ],
            ],
            symptom: [
                "The dispute was closed without an answer.",
                "Der Widerspruch wurde ohne Antwort geschlossen.",
            ],
            remedy: [
                "Look in the message centre of the account: answers are kept there even when the e-mail about them was lost.",
                "Sehen Sie im Nachrichtenbereich des Kontos nach: Dort liegen Antworten auch dann, wenn die E-Mail dazu verloren ging.",
            ],
        },
    ],
};
