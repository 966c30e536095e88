//! Shipping: what the articles of this category say.

use super::{Subject, Topic};

pub(super) const TOPIC: Topic = Topic {
    slug: "shipping",
    name: ["Shipping", "Versand"],
    remarks: [
        [
            "Parcels are insured up to {amount} without extra cost.",
            "Pakete sind ohne Aufpreis bis {amount} versichert.",
        ],
        [
            "On public holidays neither parcels nor letters are delivered.",
            "An Feiertagen werden weder Pakete noch Briefe zugestellt.",
        ],
        [
            "The tracking page is updated about every {hours} hours.",
            "Die Sendungsverfolgung wird etwa alle {hours} Stunden aktualisiert.",
        ],
    ],
    subjects: [
        Subject {
            title: ["Track a parcel", "Ein Paket verfolgen"],
            facts: [
                [
                    "The tracking number is sent as soon as the parcel has left the warehouse.",
                    "Die Sendungsnummer wird verschickt, sobald das Paket das Lager verlassen hat.",
                ],
                [
                    "A parcel with {product} is usually on its way for {days} days.",
                    "Ein Paket mit {product} ist gewöhnlich {days} Tage unterwegs.",
                ],
                [
                    "Large orders can travel in several parcels, each with its own number.",
                    "Große Bestellungen können in mehreren Paketen reisen, jedes mit eigener Nummer.",
                ],
            ],
            steps: [
                [
                    "Open the order and choose <em>Where is my parcel?</em>",
                    "Öffnen Sie die Bestellung und wählen Sie <em>Wo ist mein Paket?</em>",
                ],
                [
                    "Compare the expected day with your calendar.",
                    "Vergleichen Sie den voraussichtlichen Tag mit Ihrem Kalender.",
                ],
                [
                    "Switch on messages if you want to know the hour as well.",
                    "Schalten Sie Nachrichten ein, wenn Sie auch die Uhrzeit wissen möchten.",
                ],
            ],
            symptom: [
                "Tracking has not changed for several days.",
                "Die Sendungsverfolgung hat sich seit Tagen nicht geändert.",
            ],
            remedy: [
                "After {days} days without a scan we start a search and send a replacement if nothing is found.",
                "Nach {days} Tagen ohne Scan starten wir eine Nachforschung und schicken Ersatz, wenn nichts gefunden wird.",
            ],
        },
        Subject {
            title: ["Redirect a delivery", "Eine Lieferung umleiten"],
            facts: [
                [
                    "A parcel can be redirected until it has been loaded on the delivery van.",
                    "Ein Paket kann umgeleitet werden, bis es in den Zustellwagen geladen ist.",
                ],
                [
                    "You can choose a shop, a neighbour or another day within {days} days.",
                    "Zur Wahl stehen ein Paketshop, Nachbarn oder ein anderer Tag innerhalb von {days} Tagen.",
                ],
                [
                    "Another address is possible for a fee of {amount}.",
                    "Eine andere Adresse ist gegen eine Gebühr von {amount} möglich.",
                ],
            ],
            steps: [
                [
                    "Open the tracking page from the e-mail about the dispatch.",
                    "Öffnen Sie die Sendungsverfolgung aus der Versandmail.",
                ],
                [
                    "Select <em>Change delivery</em> and choose the new place or day.",
                    "Klicken Sie auf <em>Zustellung ändern</em> und wählen Sie den neuen Ort oder Tag.",
                ],
                [
                    "Take an identity card with you if you collect the parcel from a shop.",
                    "Nehmen Sie einen Ausweis mit, wenn Sie das Paket im Shop abholen.",
                ],
            ],
            symptom: [
                "The change was accepted but the van came to the old address.",
                "Die Änderung wurde angenommen, aber der Wagen kam zur alten Adresse.",
            ],
            remedy: [
                "The van had been loaded before; the parcel goes to the new place with the next tour at no cost.",
                "Der Wagen war schon beladen; das Paket geht mit der nächsten Tour kostenlos an den neuen Ort.",
            ],
        },
        Subject {
            title: ["Report a damaged parcel", "Ein beschädigtes Paket melden"],
            facts: [
                [
                    "Damage has to be reported within {days} days, even if the carton looked fine.",
                    "Schäden müssen innerhalb von {days} Tagen gemeldet werden, auch wenn der Karton heil aussah.",
                ],
                [
                    "Keep the carton and the filling until the case is closed.",
                    "Heben Sie Karton und Füllmaterial auf, bis der Fall abgeschlossen ist.",
                ],
                [
                    "The replacement for {product} is sent before the damaged one is back.",
                    "Der Ersatz für {product} wird verschickt, bevor das beschädigte Gerät zurück ist.",
                ],
            ],
            steps: [
                [
                    "Take three photos: the carton, the label and the damage.",
                    "Machen Sie drei Fotos: vom Karton, vom Etikett und vom Schaden.",
                ],
                [
                    "Open the order and choose <em>Report damage</em>.",
                    "Öffnen Sie die Bestellung und wählen Sie <em>Schaden melden</em>.",
                ],
                [
                    "Print the return label and put it over the old one.",
                    "Drucken Sie das Rücksendeetikett aus und kleben Sie es über das alte.",
                ],
            ],
            symptom: [
                "The photos cannot be uploaded.",
                "Die Fotos lassen sich nicht hochladen.",
            ],
            remedy: [
                "Photos may have at most 10 MB each; send smaller ones or use the app, which shrinks them by itself.",
                "Fotos dürfen höchstens je 10 MB haben; senden Sie kleinere oder nutzen Sie die App, die sie selbst verkleinert.",
            ],
        },
        Subject {
            title: ["Choose express delivery", "Expressversand wählen"],
            facts: [
                [
                    "Express orders placed before noon arrive within {hours} hours.",
                    "Expressbestellungen bis zwölf Uhr kommen innerhalb von {hours} Stunden an.",
                ],
                [
                    "Express costs {amount} for each order, however many parcels it takes.",
                    "Express kostet {amount} je Bestellung, egal aus wie vielen Paketen sie besteht.",
                ],
                [
                    "It is not available for islands and for parcels over 25 kg.",
                    "Für Inseln und für Pakete über 25 kg gibt es ihn nicht.",
                ],
            ],
            steps: [
                [
                    "Put {product} in the basket and go to the checkout.",
                    "Legen Sie {product} in den Warenkorb und gehen Sie zur Kasse.",
                ],
                [
                    "Choose <em>Express</em> under <strong>Delivery</strong>.",
                    "Wählen Sie <em>Express</em> unter <strong>Lieferung</strong>.",
                ],
                [
                    "Give a phone number so that the driver can reach you.",
                    "Geben Sie eine Telefonnummer an, damit die Fahrerin oder der Fahrer Sie erreicht.",
                ],
            ],
            symptom: [
                "Express was paid but the parcel came a day late.",
                "Express wurde bezahlt, aber das Paket kam einen Tag zu spät.",
            ],
            remedy: [
                "The surcharge is paid back without asking; it appears on the account within {days} days.",
                "Der Aufpreis wird unaufgefordert erstattet und erscheint innerhalb von {days} Tagen im Konto.",
            ],
        },
    ],
};
