//! Troubleshooting: what the articles of this category say.

use super::{Subject, Topic};

pub(super) const TOPIC: Topic = Topic {
    slug: "troubleshooting",
    name: ["Troubleshooting", "Fehlerbehebung"],
    remarks: [
        [
            "Before anything else: note the code on the display and the version, for example {version}.",
            "Vor allem anderen: Notieren Sie den Code auf der Anzeige und die Version, zum Beispiel {version}.",
        ],
        [
            "A restart solves about {percent} percent of all cases.",
            "Ein Neustart löst etwa {percent} Prozent aller Fälle.",
        ],
        [
            "Never open the case; there is high voltage inside, even without a plug.",
            "Öffnen Sie nie das Gehäuse; darin liegt auch ohne Stecker Hochspannung an.",
        ],
    ],
    subjects: [
        Subject {
            title: [
                "Restart or reset a device",
                "Ein Gerät neu starten oder zurücksetzen",
            ],
            facts: [
                [
                    "A restart keeps all settings, a reset deletes them.",
                    "Ein Neustart behält alle Einstellungen, ein Zurücksetzen löscht sie.",
                ],
                [
                    "{product} needs up to {minutes} minutes after a reset.",
                    "{product} braucht nach dem Zurücksetzen bis zu {minutes} Minuten.",
                ],
                [
                    "A backup can be made under <strong>System</strong> and restored later.",
                    "Unter <strong>System</strong> lässt sich eine Sicherung anlegen und später zurückspielen.",
                ],
            ],
            steps: [
                [
                    "Pull the plug and wait for half a minute.",
                    "Ziehen Sie den Stecker und warten Sie eine halbe Minute.",
                ],
                [
                    "Plug it in again and wait until the lamp is steady.",
                    "Stecken Sie ihn wieder ein und warten Sie, bis die Lampe dauerhaft leuchtet.",
                ],
                [
                    "To reset, press the small button with a pin for ten seconds.",
                    "Zum Zurücksetzen drücken Sie die kleine Taste zehn Sekunden lang mit einer Nadel.",
                ],
            ],
            symptom: [
                "The device starts again and again.",
                "Das Gerät startet immer wieder neu.",
            ],
            remedy: [
                "Use the original power supply; with another one the voltage can be too low, and the code {code} is shown.",
                "Verwenden Sie das Originalnetzteil; bei einem anderen kann die Spannung zu niedrig sein, und der Code {code} erscheint.",
            ],
        },
        Subject {
            title: [
                "Install a firmware update",
                "Ein Firmware-Update installieren",
            ],
            facts: [
                [
                    "Updates close gaps in security and should not wait.",
                    "Updates schließen Sicherheitslücken und sollten nicht warten.",
                ],
                [
                    "Version {version} takes about {minutes} minutes.",
                    "Version {version} braucht etwa {minutes} Minuten.",
                ],
                [
                    "During an update {product} must not lose power.",
                    "Während eines Updates darf {product} nicht stromlos werden.",
                ],
            ],
            steps: [
                [
                    "Open <strong>System</strong> and choose <em>Update</em>.",
                    "Öffnen Sie <strong>System</strong> und wählen Sie <em>Update</em>.",
                ],
                [
                    "Read the notes, make a backup and start.",
                    "Lesen Sie die Hinweise, legen Sie eine Sicherung an und starten Sie.",
                ],
                [
                    "Check the version on the start page afterwards.",
                    "Prüfen Sie danach die Version auf der Startseite.",
                ],
            ],
            symptom: [
                "The update stops in the middle.",
                "Das Update bleibt in der Mitte stehen.",
            ],
            remedy: [
                "Wait for {minutes} minutes, then restart; the device goes back to the last good version by itself.",
                "Warten Sie {minutes} Minuten und starten Sie dann neu; das Gerät kehrt selbst zur letzten guten Version zurück.",
            ],
        },
        Subject {
            title: [
                "Read the meaning of an error code",
                "Die Bedeutung eines Fehlercodes nachlesen",
            ],
            facts: [
                [
                    "Codes begin with a letter for the part and end with a number for the cause.",
                    "Codes beginnen mit einem Buchstaben für das Bauteil und enden mit einer Zahl für die Ursache.",
                ],
                [
                    "The code {code} stands for a connection that was refused by the other side.",
                    "Der Code {code} steht für eine Verbindung, die die Gegenseite abgelehnt hat.",
                ],
                [
                    "Several codes at once usually have one cause: look at the oldest.",
                    "Mehrere Codes auf einmal haben meist eine Ursache: Sehen Sie sich den ältesten an.",
                ],
            ],
            steps: [
                [
                    "Press <em>Info</em> on {product} until the code appears.",
                    "Drücken Sie <em>Info</em> auf {product}, bis der Code erscheint.",
                ],
                [
                    "Look it up in the table of this article.",
                    "Schlagen Sie ihn in der Tabelle dieses Artikels nach.",
                ],
                [
                    "Follow the advice and delete the code afterwards.",
                    "Folgen Sie dem Rat und löschen Sie den Code danach.",
                ],
            ],
            symptom: [
                "The code is not in the table.",
                "Der Code fehlt in der Tabelle.",
            ],
            remedy: [
                "It belongs to a newer version than {version}; send it to us with a photo of the display.",
                "Er gehört zu einer neueren Version als {version}; senden Sie ihn uns mit einem Foto der Anzeige.",
            ],
        },
        Subject {
            title: [
                "Fix a display that stays dark",
                "Eine dunkle Anzeige reparieren",
            ],
            facts: [
                [
                    "The display switches off after {minutes} minutes to save energy.",
                    "Die Anzeige schaltet sich nach {minutes} Minuten ab, um Energie zu sparen.",
                ],
                [
                    "At less than five degrees it reacts slowly.",
                    "Unter fünf Grad reagiert sie langsam.",
                ],
                [
                    "A dark display does not mean that {product} is off.",
                    "Eine dunkle Anzeige heißt nicht, dass {product} aus ist.",
                ],
            ],
            steps: [
                [
                    "Touch the display or any button once.",
                    "Berühren Sie einmal die Anzeige oder eine beliebige Taste.",
                ],
                [
                    "Check whether the small lamp at the back is on.",
                    "Prüfen Sie, ob die kleine Lampe an der Rückseite leuchtet.",
                ],
                [
                    "Raise the brightness under <strong>Display</strong>.",
                    "Erhöhen Sie die Helligkeit unter <strong>Anzeige</strong>.",
                ],
            ],
            symptom: [
                "Only half of the display is lit.",
                "Nur die Hälfte der Anzeige leuchtet.",
            ],
            remedy: [
                "This cannot be repaired at home; the warranty covers it for {days} months.",
                "Das lässt sich zu Hause nicht reparieren; die Garantie deckt es {days} Monate lang ab.",
            ],
        },
    ],
};
