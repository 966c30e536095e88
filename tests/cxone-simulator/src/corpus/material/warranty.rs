//! Warranty and repair: what the articles of this category say.

use super::{Subject, Topic};

pub(super) const TOPIC: Topic = Topic {
    slug: "warranty",
    name: ["Warranty and repair", "Garantie und Reparatur"],
    remarks: [
        [
            "The warranty holds in the country in which a device was sold.",
            "Die Garantie gilt in dem Land, in dem ein Gerät verkauft wurde.",
        ],
        [
            "Repairs have a warranty of their own of {days} months.",
            "Reparaturen haben eine eigene Garantie von {days} Monaten.",
        ],
        [
            "Please delete the lock of the screen before you send a device.",
            "Bitte entfernen Sie die Bildschirmsperre, bevor Sie ein Gerät einsenden.",
        ],
    ],
    subjects: [
        Subject {
            title: [
                "Check whether a warranty is still valid",
                "Prüfen, ob die Garantie noch gilt",
            ],
            facts: [
                [
                    "The warranty begins with the day on the receipt.",
                    "Die Garantie beginnt mit dem Tag auf dem Kaufbeleg.",
                ],
                [
                    "{product} has a serial number of eleven characters on the back.",
                    "{product} trägt auf der Rückseite eine Seriennummer mit elf Zeichen.",
                ],
                [
                    "Batteries are covered for {days} months, all else for twice as long.",
                    "Akkus sind {days} Monate abgedeckt, alles andere doppelt so lange.",
                ],
            ],
            steps: [
                [
                    "Open <strong>Devices</strong> and type the serial number.",
                    "Öffnen Sie <strong>Geräte</strong> und tippen Sie die Seriennummer ein.",
                ],
                [
                    "Upload the receipt if the date is missing.",
                    "Laden Sie den Kaufbeleg hoch, wenn das Datum fehlt.",
                ],
                [
                    "Save the page as a PDF for your records.",
                    "Speichern Sie die Seite als PDF für Ihre Unterlagen.",
                ],
            ],
            symptom: [
                "The serial number is unknown.",
                "Die Seriennummer ist unbekannt.",
            ],
            remedy: [
                "The letter O and the digit 0 look alike; serial numbers contain only the digit.",
                "Der Buchstabe O und die Ziffer 0 sehen sich ähnlich; Seriennummern enthalten nur die Ziffer.",
            ],
        },
        Subject {
            title: [
                "Send a device in for repair",
                "Ein Gerät zur Reparatur einsenden",
            ],
            facts: [
                [
                    "A repair takes {days} days including both ways.",
                    "Eine Reparatur dauert mit beiden Wegen {days} Tage.",
                ],
                [
                    "Outside the warranty we first send an estimate, which costs {amount}.",
                    "Außerhalb der Garantie senden wir zuerst einen Kostenvoranschlag für {amount}.",
                ],
                [
                    "Data can be lost in a repair.",
                    "Bei einer Reparatur können Daten verloren gehen.",
                ],
            ],
            steps: [
                [
                    "Make a backup and reset {product}.",
                    "Legen Sie eine Sicherung an und setzen Sie {product} zurück.",
                ],
                [
                    "Describe the fault and name the code if there is one, such as {code}.",
                    "Beschreiben Sie den Fehler und nennen Sie den Code, falls es einen gibt, etwa {code}.",
                ],
                [
                    "Put the device in the padded bag that we send.",
                    "Legen Sie das Gerät in die gepolsterte Tasche, die wir schicken.",
                ],
            ],
            symptom: [
                "The device came back with the same fault.",
                "Das Gerät kam mit demselben Fehler zurück.",
            ],
            remedy: [
                "Answer the repair message within {days} days; the second repair has priority and costs nothing.",
                "Antworten Sie innerhalb von {days} Tagen auf die Reparaturnachricht; die zweite Reparatur hat Vorrang und kostet nichts.",
            ],
        },
        Subject {
            title: ["Replace a battery", "Einen Akku wechseln"],
            facts: [
                [
                    "A battery is worn when it holds less than {percent} percent of its charge.",
                    "Ein Akku ist verbraucht, wenn er weniger als {percent} Prozent seiner Ladung hält.",
                ],
                [
                    "A worn battery can swell; stop using it then.",
                    "Ein verbrauchter Akku kann sich aufblähen; benutzen Sie ihn dann nicht mehr.",
                ],
                [
                    "Old batteries belong in a collection box, never in the bin.",
                    "Alte Akkus gehören in eine Sammelbox, nie in den Hausmüll.",
                ],
            ],
            steps: [
                [
                    "Check the health of the battery under <strong>System</strong>.",
                    "Prüfen Sie den Zustand des Akkus unter <strong>System</strong>.",
                ],
                [
                    "Order the battery for {product}; others do not fit.",
                    "Bestellen Sie den Akku für {product}; andere passen nicht.",
                ],
                [
                    "Have it changed in a shop or follow the drawing in the box.",
                    "Lassen Sie ihn im Laden wechseln oder folgen Sie der Zeichnung in der Schachtel.",
                ],
            ],
            symptom: [
                "The new battery is not recognised.",
                "Der neue Akku wird nicht erkannt.",
            ],
            remedy: [
                "Charge it to the end once while the device is off, for at least {hours} hours.",
                "Laden Sie ihn einmal bei ausgeschaltetem Gerät vollständig auf, mindestens {hours} Stunden lang.",
            ],
        },
        Subject {
            title: ["Buy extended protection", "Erweiterten Schutz kaufen"],
            facts: [
                [
                    "Extended protection covers falls, water and theft.",
                    "Der erweiterte Schutz deckt Stürze, Wasser und Diebstahl ab.",
                ],
                [
                    "It costs {amount} a month and can end every month.",
                    "Er kostet {amount} im Monat und kann monatlich enden.",
                ],
                [
                    "It must be bought within {days} days of the device.",
                    "Er muss innerhalb von {days} Tagen nach dem Gerät gekauft werden.",
                ],
            ],
            steps: [
                [
                    "Open the device in the account and choose <em>Protect</em>.",
                    "Öffnen Sie das Gerät im Konto und wählen Sie <em>Schützen</em>.",
                ],
                [
                    "Take two photos so that we see it is whole.",
                    "Machen Sie zwei Fotos, damit wir sehen, dass es heil ist.",
                ],
                [
                    "Confirm; protection begins on the next day.",
                    "Bestätigen Sie; der Schutz beginnt am nächsten Tag.",
                ],
            ],
            symptom: ["A claim was refused.", "Ein Schadensfall wurde abgelehnt."],
            remedy: [
                "The letter names the clause; an objection is possible within {days} days and is read by another person.",
                "Das Schreiben nennt die Klausel; ein Einspruch ist innerhalb von {days} Tagen möglich und wird von einer anderen Person gelesen.",
            ],
        },
    ],
};
