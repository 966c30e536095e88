//! Subscriptions: what the articles of this category say.

use super::{Subject, Topic};

pub(super) const TOPIC: Topic = Topic {
    slug: "subscriptions",
    name: ["Subscriptions", "Abonnements"],
    remarks: [
        [
            "A plan can be cancelled in the account without a call.",
            "Ein Tarif kann im Konto ohne Anruf gekündigt werden.",
        ],
        [
            "Prices of running plans are guaranteed for {days} months.",
            "Die Preise laufender Tarife sind {days} Monate lang garantiert.",
        ],
        [
            "A change of plan never deletes your data.",
            "Ein Tarifwechsel löscht nie Ihre Daten.",
        ],
    ],
    subjects: [
        Subject {
            title: [
                "Upgrade to a larger plan",
                "In einen größeren Tarif wechseln",
            ],
            facts: [
                [
                    "An upgrade takes effect within {minutes} minutes.",
                    "Ein Wechsel nach oben gilt innerhalb von {minutes} Minuten.",
                ],
                [
                    "You pay only the difference for the rest of the month, about {amount}.",
                    "Sie zahlen nur den Unterschied für den Rest des Monats, etwa {amount}.",
                ],
                [
                    "The larger plan includes support at weekends.",
                    "Der größere Tarif enthält Unterstützung am Wochenende.",
                ],
            ],
            steps: [
                [
                    "Open <strong>Plan</strong> and compare the columns.",
                    "Öffnen Sie <strong>Tarif</strong> und vergleichen Sie die Spalten.",
                ],
                [
                    "Choose the plan and check the new price.",
                    "Wählen Sie den Tarif und prüfen Sie den neuen Preis.",
                ],
                [
                    "Restart {product} so that it learns the new limits.",
                    "Starten Sie {product} neu, damit es die neuen Grenzen übernimmt.",
                ],
            ],
            symptom: [
                "The old speed is still there after the upgrade.",
                "Nach dem Wechsel gilt noch die alte Geschwindigkeit.",
            ],
            remedy: [
                "Sign out and in again; if nothing changes within {hours} hours, the order has stuck and we push it on.",
                "Melden Sie sich ab und wieder an; ändert sich innerhalb von {hours} Stunden nichts, hängt der Auftrag, und wir stoßen ihn an.",
            ],
        },
        Subject {
            title: ["Cancel a subscription", "Ein Abonnement kündigen"],
            facts: [
                [
                    "The notice period is {days} days to the end of a month.",
                    "Die Kündigungsfrist beträgt {days} Tage zum Monatsende.",
                ],
                [
                    "What has been paid can be used until the last day.",
                    "Was bezahlt ist, kann bis zum letzten Tag genutzt werden.",
                ],
                [
                    "The confirmation comes at once and names the last day.",
                    "Die Bestätigung kommt sofort und nennt den letzten Tag.",
                ],
            ],
            steps: [
                [
                    "Open <strong>Plan</strong> and choose <em>Cancel</em>.",
                    "Öffnen Sie <strong>Tarif</strong> und wählen Sie <em>Kündigen</em>.",
                ],
                [
                    "Choose the day and, if you like, the reason.",
                    "Wählen Sie den Tag und, wenn Sie möchten, den Grund.",
                ],
                [
                    "Export your data before the last day.",
                    "Exportieren Sie Ihre Daten vor dem letzten Tag.",
                ],
            ],
            symptom: [
                "A charge was made after the cancellation.",
                "Nach der Kündigung wurde noch abgebucht.",
            ],
            remedy: [
                "It is the last month up to the day in the confirmation; anything later is refunded within {days} days.",
                "Es ist der letzte Monat bis zum Tag in der Bestätigung; alles Spätere wird innerhalb von {days} Tagen erstattet.",
            ],
        },
        Subject {
            title: ["Pause a plan", "Einen Tarif pausieren"],
            facts: [
                [
                    "A plan can rest for up to {days} weeks a year.",
                    "Ein Tarif kann bis zu {days} Wochen im Jahr ruhen.",
                ],
                [
                    "During a pause only {amount} a month is charged.",
                    "Während einer Pause werden nur {amount} im Monat berechnet.",
                ],
                [
                    "{product} stays registered and receives updates.",
                    "{product} bleibt angemeldet und bekommt Updates.",
                ],
            ],
            steps: [
                [
                    "Choose <em>Pause</em> under <strong>Plan</strong>.",
                    "Wählen Sie <em>Pausieren</em> unter <strong>Tarif</strong>.",
                ],
                [
                    "Enter the first and the last day.",
                    "Geben Sie den ersten und den letzten Tag ein.",
                ],
                [
                    "End the pause earlier with one click if you need the service.",
                    "Beenden Sie die Pause mit einem Klick früher, wenn Sie den Dienst brauchen.",
                ],
            ],
            symptom: [
                "The plan did not wake up after the pause.",
                "Der Tarif ist nach der Pause nicht wieder aktiv geworden.",
            ],
            remedy: [
                "Sign in once with the device; that wakes the plan within {minutes} minutes.",
                "Melden Sie sich einmal mit dem Gerät an; das weckt den Tarif innerhalb von {minutes} Minuten.",
            ],
        },
        Subject {
            title: [
                "Share a plan with family or colleagues",
                "Einen Tarif mit Familie oder Kollegen teilen",
            ],
            facts: [
                [
                    "Up to five people share one plan and one invoice.",
                    "Bis zu fünf Personen teilen sich einen Tarif und eine Rechnung.",
                ],
                [
                    "Everybody has a sign-in of their own and sees only their own data.",
                    "Alle haben eine eigene Anmeldung und sehen nur ihre eigenen Daten.",
                ],
                [
                    "A further person costs {amount} a month.",
                    "Jede weitere Person kostet {amount} im Monat.",
                ],
            ],
            steps: [
                [
                    "Open <strong>Members</strong> and choose <em>Invite</em>.",
                    "Öffnen Sie <strong>Mitglieder</strong> und wählen Sie <em>Einladen</em>.",
                ],
                [
                    "Send the link; it is valid for {hours} hours.",
                    "Senden Sie den Link; er gilt {hours} Stunden.",
                ],
                [
                    "Set what the new member may change.",
                    "Legen Sie fest, was das neue Mitglied ändern darf.",
                ],
            ],
            symptom: [
                "The invitation says that the plan is full.",
                "Die Einladung meldet, der Tarif sei voll.",
            ],
            remedy: [
                "Open invitations count as members; withdraw those that nobody has accepted.",
                "Offene Einladungen zählen als Mitglieder; ziehen Sie jene zurück, die niemand angenommen hat.",
            ],
        },
    ],
};
