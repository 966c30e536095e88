//! Payments: what the articles of this category say.

use super::{Subject, Topic};

pub(super) const TOPIC: Topic = Topic {
    slug: "payments",
    name: ["Payments", "Zahlungen"],
    remarks: [
        [
            "We never ask for card numbers by e-mail or on the phone.",
            "Wir fragen nie per E-Mail oder am Telefon nach Kartennummern.",
        ],
        [
            "A payment is complete when the account shows it, which can take {days} banking days.",
            "Eine Zahlung ist abgeschlossen, wenn sie im Konto erscheint; das kann {days} Bankarbeitstage dauern.",
        ],
        [
            "Fees that a bank charges for a returned debit are passed on without a surcharge.",
            "Gebühren, die eine Bank für eine Rücklastschrift verlangt, geben wir ohne Aufschlag weiter.",
        ],
    ],
    subjects: [
        Subject {
            title: ["Replace an expired card", "Eine abgelaufene Karte ersetzen"],
            facts: [
                [
                    "A card is charged for the last time in the month in which it expires.",
                    "Eine Karte wird zum letzten Mal in dem Monat belastet, in dem sie abläuft.",
                ],
                [
                    "We remind you {days} days before the date on the card.",
                    "Wir erinnern Sie {days} Tage vor dem Datum auf der Karte.",
                ],
                [
                    "Service for {product} goes on for {hours} hours after a failed charge.",
                    "Der Dienst für {product} läuft nach einer fehlgeschlagenen Abbuchung noch {hours} Stunden weiter.",
                ],
            ],
            steps: [
                [
                    "Open <strong>Payment methods</strong> and choose <em>Add a card</em>.",
                    "Öffnen Sie <strong>Zahlungsarten</strong> und wählen Sie <em>Karte hinzufügen</em>.",
                ],
                [
                    "Confirm the new card in the app of your bank.",
                    "Bestätigen Sie die neue Karte in der App Ihrer Bank.",
                ],
                [
                    "Make it the default and remove the old one.",
                    "Legen Sie sie als Standard fest und entfernen Sie die alte.",
                ],
            ],
            symptom: [
                "The bank refuses the confirmation.",
                "Die Bank lehnt die Bestätigung ab.",
            ],
            remedy: [
                "Ask the bank to allow online payments for the card; many new cards are delivered with them switched off.",
                "Bitten Sie die Bank, Online-Zahlungen für die Karte freizugeben; bei vielen neuen Karten sind sie ab Werk gesperrt.",
            ],
        },
        Subject {
            title: ["Pay by direct debit", "Per Lastschrift bezahlen"],
            facts: [
                [
                    "A mandate is valid for one account and all contracts that belong to it.",
                    "Ein Mandat gilt für ein Konto und alle Verträge, die dazu gehören.",
                ],
                [
                    "The amount is debited {days} days after the invoice date.",
                    "Der Betrag wird {days} Tage nach dem Rechnungsdatum abgebucht.",
                ],
                [
                    "Customers who pay by direct debit save {amount} a month on most plans.",
                    "Wer per Lastschrift zahlt, spart bei den meisten Tarifen {amount} im Monat.",
                ],
            ],
            steps: [
                [
                    "Choose <em>Direct debit</em> under <strong>Payment methods</strong>.",
                    "Wählen Sie <em>Lastschrift</em> unter <strong>Zahlungsarten</strong>.",
                ],
                [
                    "Enter the account number in international form, without blanks.",
                    "Geben Sie die Kontonummer in internationaler Schreibweise ohne Leerzeichen ein.",
                ],
                [
                    "Accept the mandate; its number is sent to you by e-mail.",
                    "Erteilen Sie das Mandat; seine Nummer kommt per E-Mail.",
                ],
            ],
            symptom: [
                "A debit was returned although the account was covered.",
                "Eine Lastschrift ging zurück, obwohl das Konto gedeckt war.",
            ],
            remedy: [
                "Savings accounts cannot be debited; give the number of a current account and start the payment again.",
                "Sparkonten lassen sich nicht belasten; geben Sie die Nummer eines Girokontos an und stoßen Sie die Zahlung erneut an.",
            ],
        },
        Subject {
            title: [
                "Split a payment into instalments",
                "Eine Zahlung in Raten aufteilen",
            ],
            facts: [
                [
                    "Amounts from {amount} can be paid in three, six or twelve parts.",
                    "Beträge ab {amount} können in drei, sechs oder zwölf Teilen bezahlt werden.",
                ],
                [
                    "Three instalments are free; longer plans cost {percent} percent of the amount.",
                    "Drei Raten sind kostenlos; längere Pläne kosten {percent} Prozent des Betrags.",
                ],
                [
                    "A plan can be paid off early at any time without a fee.",
                    "Ein Plan kann jederzeit ohne Gebühr vorzeitig abgelöst werden.",
                ],
            ],
            steps: [
                [
                    "Open the invoice and choose <em>Pay in parts</em>.",
                    "Öffnen Sie die Rechnung und wählen Sie <em>In Raten zahlen</em>.",
                ],
                [
                    "Choose the number of instalments and the day of the month.",
                    "Wählen Sie die Zahl der Raten und den Tag im Monat.",
                ],
                [
                    "Read the summary, confirm it, and keep the copy that we send.",
                    "Lesen Sie die Zusammenfassung, bestätigen Sie sie und bewahren Sie die Kopie auf, die wir senden.",
                ],
            ],
            symptom: [
                "The option is not offered for an invoice.",
                "Die Option wird für eine Rechnung nicht angeboten.",
            ],
            remedy: [
                "Instalments are not possible for invoices that are overdue or smaller than {amount}.",
                "Raten sind bei überfälligen Rechnungen und bei Beträgen unter {amount} nicht möglich.",
            ],
        },
        Subject {
            title: [
                "Get a refund to another account",
                "Eine Erstattung auf ein anderes Konto erhalten",
            ],
            facts: [
                [
                    "Refunds go back the way the payment came, unless that account is closed.",
                    "Erstattungen gehen den Weg der Zahlung zurück, es sei denn, das Konto ist geschlossen.",
                ],
                [
                    "For another account we need a document that shows your name and the number.",
                    "Für ein anderes Konto brauchen wir einen Beleg mit Ihrem Namen und der Nummer.",
                ],
                [
                    "The money arrives within {days} banking days after we have checked the document.",
                    "Das Geld kommt innerhalb von {days} Bankarbeitstagen an, nachdem wir den Beleg geprüft haben.",
                ],
            ],
            steps: [
                [
                    "Reply to the refund message and choose <em>Use another account</em>.",
                    "Antworten Sie auf die Erstattungsnachricht und wählen Sie <em>Anderes Konto verwenden</em>.",
                ],
                [
                    "Upload the document as a PDF or a photo of at most 5 MB.",
                    "Laden Sie den Beleg als PDF oder Foto mit höchstens 5 MB hoch.",
                ],
                [
                    "Wait for the confirmation before you close the old account.",
                    "Warten Sie die Bestätigung ab, bevor Sie das alte Konto schließen.",
                ],
            ],
            symptom: [
                "The refund has been confirmed but has not arrived.",
                "Die Erstattung ist bestätigt, aber nicht angekommen.",
            ],
            remedy: [
                "Give your bank the reference on the confirmation; with it a transfer is found within {hours} hours.",
                "Nennen Sie Ihrer Bank die Referenz aus der Bestätigung; damit wird eine Überweisung innerhalb von {hours} Stunden gefunden.",
            ],
        },
    ],
};
