//! Account security: what the articles of this category say.

use super::{Subject, Topic};

pub(super) const TOPIC: Topic = Topic {
    slug: "security",
    name: ["Account security", "Kontosicherheit"],
    remarks: [
        [
            "Our staff never asks for a password or a code.",
            "Unser Personal fragt nie nach einem Passwort oder Code.",
        ],
        [
            "Every sign-in from a new device is announced by e-mail.",
            "Jede Anmeldung von einem neuen Gerät wird per E-Mail gemeldet.",
        ],
        [
            "Sessions end by themselves after {hours} hours without activity.",
            "Sitzungen enden nach {hours} Stunden ohne Aktivität von selbst.",
        ],
    ],
    subjects: [
        Subject {
            title: [
                "Reset a forgotten password",
                "Ein vergessenes Passwort zurücksetzen",
            ],
            facts: [
                [
                    "The link in the e-mail works once and for {minutes} minutes.",
                    "Der Link in der E-Mail gilt einmal und {minutes} Minuten lang.",
                ],
                [
                    "A new password has at least twelve characters and is none of the last five.",
                    "Ein neues Passwort hat mindestens zwölf Zeichen und ist keines der letzten fünf.",
                ],
                [
                    "All devices are signed out when the password changes.",
                    "Alle Geräte werden abgemeldet, wenn sich das Passwort ändert.",
                ],
            ],
            steps: [
                [
                    "Choose <em>Forgot password?</em> on the sign-in page.",
                    "Wählen Sie <em>Passwort vergessen?</em> auf der Anmeldeseite.",
                ],
                [
                    "Enter the e-mail address of the account and open the message.",
                    "Geben Sie die E-Mail-Adresse des Kontos ein und öffnen Sie die Nachricht.",
                ],
                [
                    "Set the new password and sign in on {product} again.",
                    "Legen Sie das neue Passwort fest und melden Sie sich auf {product} wieder an.",
                ],
            ],
            symptom: [
                "The message with the link does not arrive.",
                "Die Nachricht mit dem Link kommt nicht an.",
            ],
            remedy: [
                "Look in the spam folder, then check whether the account has another address; after five tries wait {minutes} minutes.",
                "Sehen Sie im Spam-Ordner nach und prüfen Sie, ob das Konto eine andere Adresse hat; warten Sie nach fünf Versuchen {minutes} Minuten.",
            ],
        },
        Subject {
            title: [
                "Turn on two-factor sign-in",
                "Zwei-Faktor-Anmeldung einschalten",
            ],
            facts: [
                [
                    "With a second factor a stolen password is not enough.",
                    "Mit einem zweiten Faktor reicht ein gestohlenes Passwort nicht aus.",
                ],
                [
                    "An authenticator app works without a network; text messages need one.",
                    "Eine Authenticator-App funktioniert ohne Netz, SMS brauchen eines.",
                ],
                [
                    "Ten recovery codes are shown once; each of them works once.",
                    "Zehn Wiederherstellungscodes werden einmal gezeigt; jeder gilt einmal.",
                ],
            ],
            steps: [
                [
                    "Open <strong>Security</strong> and choose <em>Two-factor sign-in</em>.",
                    "Öffnen Sie <strong>Sicherheit</strong> und wählen Sie <em>Zwei-Faktor-Anmeldung</em>.",
                ],
                [
                    "Scan the square code with the app and type the six digits.",
                    "Scannen Sie den quadratischen Code mit der App und tippen Sie die sechs Ziffern ein.",
                ],
                [
                    "Print the recovery codes and keep them apart from the phone.",
                    "Drucken Sie die Wiederherstellungscodes aus und bewahren Sie sie getrennt vom Telefon auf.",
                ],
            ],
            symptom: [
                "The code of the app is refused.",
                "Der Code der App wird abgelehnt.",
            ],
            remedy: [
                "The clock of the phone is wrong; switch on automatic time and use the next code.",
                "Die Uhr des Telefons geht falsch; schalten Sie die automatische Zeit ein und nehmen Sie den nächsten Code.",
            ],
        },
        Subject {
            title: [
                "Unlock a blocked account",
                "Ein gesperrtes Konto entsperren",
            ],
            facts: [
                [
                    "After ten wrong passwords an account is blocked for {minutes} minutes.",
                    "Nach zehn falschen Passwörtern ist ein Konto {minutes} Minuten gesperrt.",
                ],
                [
                    "A block by our security team stays until a person has looked at it.",
                    "Eine Sperre durch unser Sicherheitsteam bleibt, bis ein Mensch sie geprüft hat.",
                ],
                [
                    "Devices that are signed in, such as {product}, go on working.",
                    "Angemeldete Geräte wie {product} arbeiten weiter.",
                ],
            ],
            steps: [
                [
                    "Wait until the time on the page has passed.",
                    "Warten Sie, bis die Zeit auf der Seite abgelaufen ist.",
                ],
                [
                    "Sign in with the right password or set a new one.",
                    "Melden Sie sich mit dem richtigen Passwort an oder legen Sie ein neues fest.",
                ],
                [
                    "Look at the list of sign-ins and report those that were not yours.",
                    "Sehen Sie sich die Liste der Anmeldungen an und melden Sie jene, die nicht von Ihnen stammen.",
                ],
            ],
            symptom: [
                "The account is blocked again every few minutes.",
                "Das Konto wird alle paar Minuten wieder gesperrt.",
            ],
            remedy: [
                "An old device keeps trying the old password; sign it out under <strong>Devices</strong>.",
                "Ein altes Gerät versucht es ständig mit dem alten Passwort; melden Sie es unter <strong>Geräte</strong> ab.",
            ],
        },
        Subject {
            title: [
                "Recognise a fraudulent message",
                "Eine betrügerische Nachricht erkennen",
            ],
            facts: [
                [
                    "Real messages greet you by name and link only to our own pages.",
                    "Echte Nachrichten sprechen Sie mit Namen an und verlinken nur auf unsere eigenen Seiten.",
                ],
                [
                    "Pressure is a sign of fraud, for example a threat to close the account within {hours} hours.",
                    "Druck ist ein Zeichen für Betrug, etwa die Drohung, das Konto innerhalb von {hours} Stunden zu schließen.",
                ],
                [
                    "Attachments with invoices are always PDF files.",
                    "Anhänge mit Rechnungen sind immer PDF-Dateien.",
                ],
            ],
            steps: [
                [
                    "Do not click; open the account in a new window instead.",
                    "Klicken Sie nicht; öffnen Sie das Konto stattdessen in einem neuen Fenster.",
                ],
                [
                    "Forward the message as an attachment to our security team.",
                    "Leiten Sie die Nachricht als Anhang an unser Sicherheitsteam weiter.",
                ],
                [
                    "Change the password if you have already typed it.",
                    "Ändern Sie das Passwort, wenn Sie es schon eingegeben haben.",
                ],
            ],
            symptom: [
                "I have clicked on the link.",
                "Ich habe auf den Link geklickt.",
            ],
            remedy: [
                "Disconnect the device, change the password on another one and watch the bank account for {days} days.",
                "Trennen Sie das Gerät vom Netz, ändern Sie das Passwort auf einem anderen und beobachten Sie das Bankkonto {days} Tage lang.",
            ],
        },
    ],
};
