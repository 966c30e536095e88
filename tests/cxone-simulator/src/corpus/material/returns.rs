//! Returns: what the articles of this category say.

use super::{Subject, Topic};

pub(super) const TOPIC: Topic = Topic {
    slug: "returns",
    name: ["Returns", "Rücksendungen"],
    remarks: [
        [
            "A return is free when it is sent with our label.",
            "Eine Rücksendung mit unserem Etikett ist kostenlos.",
        ],
        [
            "Please delete your own data from a device before it goes on its way.",
            "Bitte löschen Sie eigene Daten von einem Gerät, bevor es sich auf den Weg macht.",
        ],
        [
            "Original packaging helps but is no condition.",
            "Die Originalverpackung hilft, ist aber keine Bedingung.",
        ],
    ],
    subjects: [
        Subject {
            title: [
                "Return an item you do not want",
                "Einen Artikel zurücksenden",
            ],
            facts: [
                [
                    "Items can be sent back within {days} days without a reason.",
                    "Artikel können innerhalb von {days} Tagen ohne Angabe von Gründen zurückgeschickt werden.",
                ],
                [
                    "Hygiene seals and software keys must not have been opened.",
                    "Hygienesiegel und Softwareschlüssel dürfen nicht geöffnet sein.",
                ],
                [
                    "The price of {product} is refunded in full if nothing is missing.",
                    "Der Preis für {product} wird voll erstattet, wenn nichts fehlt.",
                ],
            ],
            steps: [
                [
                    "Open the order and choose <em>Return</em>.",
                    "Öffnen Sie die Bestellung und wählen Sie <em>Zurücksenden</em>.",
                ],
                [
                    "Pack the item with its cables and manuals.",
                    "Packen Sie den Artikel mit Kabeln und Anleitungen ein.",
                ],
                [
                    "Hand it in at a parcel shop and keep the receipt.",
                    "Geben Sie ihn im Paketshop ab und bewahren Sie den Beleg auf.",
                ],
            ],
            symptom: [
                "No label can be printed for the return.",
                "Für die Rücksendung lässt sich kein Etikett drucken.",
            ],
            remedy: [
                "Ask for a code for your phone instead; the parcel shop prints the label for you.",
                "Lassen Sie sich stattdessen einen Code für Ihr Telefon geben; der Paketshop druckt das Etikett für Sie.",
            ],
        },
        Subject {
            title: [
                "Exchange for another model",
                "Gegen ein anderes Modell tauschen",
            ],
            facts: [
                [
                    "An exchange is a return and a new order in one step.",
                    "Ein Umtausch ist eine Rücksendung und eine neue Bestellung in einem Schritt.",
                ],
                [
                    "If the new model is cheaper, the difference of up to {amount} is refunded.",
                    "Ist das neue Modell günstiger, wird der Unterschied von bis zu {amount} erstattet.",
                ],
                [
                    "The new device is reserved for {days} days.",
                    "Das neue Gerät bleibt {days} Tage reserviert.",
                ],
            ],
            steps: [
                [
                    "Choose <em>Exchange</em> in the order and pick the new model.",
                    "Wählen Sie <em>Umtauschen</em> in der Bestellung und suchen Sie das neue Modell aus.",
                ],
                [
                    "Send {product} back with the label from the e-mail.",
                    "Schicken Sie {product} mit dem Etikett aus der E-Mail zurück.",
                ],
                [
                    "Confirm the new order when the message about the receipt comes.",
                    "Bestätigen Sie die neue Bestellung, sobald die Eingangsmeldung kommt.",
                ],
            ],
            symptom: [
                "The model I want is not in the list.",
                "Das gewünschte Modell fehlt in der Liste.",
            ],
            remedy: [
                "Only models in stock are listed; return the old one and order the other as soon as it is back.",
                "Nur lieferbare Modelle stehen in der Liste; geben Sie das alte zurück und bestellen Sie das andere, sobald es wieder da ist.",
            ],
        },
        Subject {
            title: [
                "Find out where a refund is",
                "Den Stand einer Erstattung erfahren",
            ],
            facts: [
                [
                    "A refund starts when the warehouse has checked the parcel.",
                    "Eine Erstattung beginnt, wenn das Lager das Paket geprüft hat.",
                ],
                [
                    "Checking takes {hours} hours, the bank another {days} days.",
                    "Die Prüfung dauert {hours} Stunden, die Bank braucht weitere {days} Tage.",
                ],
                [
                    "Vouchers are refunded as vouchers, money as money.",
                    "Gutscheine werden als Gutschein erstattet, Geld als Geld.",
                ],
            ],
            steps: [
                [
                    "Open <strong>Returns</strong> and look at the bar above the parcel.",
                    "Öffnen Sie <strong>Rücksendungen</strong> und sehen Sie auf den Balken über dem Paket.",
                ],
                [
                    "If it says <em>received</em>, wait for the check.",
                    "Steht dort <em>eingegangen</em>, warten Sie die Prüfung ab.",
                ],
                [
                    "If it says <em>paid</em>, look at the account that paid the order.",
                    "Steht dort <em>ausgezahlt</em>, sehen Sie auf dem Konto nach, das die Bestellung bezahlt hat.",
                ],
            ],
            symptom: [
                "The refund is smaller than the price.",
                "Die Erstattung ist kleiner als der Preis.",
            ],
            remedy: [
                "Missing parts are deducted by the list that came with the parcel; send them later and the rest is paid.",
                "Fehlende Teile werden nach der beiliegenden Liste abgezogen; reichen Sie sie nach, dann wird der Rest ausgezahlt.",
            ],
        },
        Subject {
            title: [
                "Return a rented device at the end of a contract",
                "Ein Leihgerät bei Vertragsende zurückgeben",
            ],
            facts: [
                [
                    "Rented devices remain ours and have to be back {days} days after the end of the contract.",
                    "Leihgeräte bleiben unser Eigentum und müssen {days} Tage nach Vertragsende zurück sein.",
                ],
                [
                    "Signs of normal use cost nothing.",
                    "Normale Gebrauchsspuren kosten nichts.",
                ],
                [
                    "A device that is missing is charged with {amount}.",
                    "Für ein fehlendes Gerät berechnen wir {amount}.",
                ],
            ],
            steps: [
                [
                    "Reset {product} to the factory settings.",
                    "Setzen Sie {product} auf die Werkseinstellungen zurück.",
                ],
                [
                    "Put the power supply and the remote control in the same box.",
                    "Legen Sie Netzteil und Fernbedienung in denselben Karton.",
                ],
                [
                    "Write the contract number on the delivery note.",
                    "Schreiben Sie die Vertragsnummer auf den Lieferschein.",
                ],
            ],
            symptom: [
                "A reminder came although the device had been sent back.",
                "Eine Mahnung kam, obwohl das Gerät zurückgeschickt wurde.",
            ],
            remedy: [
                "Send us the receipt of the parcel shop; the reminder is taken back on the same day.",
                "Senden Sie uns den Beleg des Paketshops; die Mahnung wird noch am selben Tag zurückgenommen.",
            ],
        },
    ],
};
