//! Network: what the articles of this category say.

use super::{Subject, Topic};

pub(super) const TOPIC: Topic = Topic {
    slug: "network",
    name: ["Network", "Netzwerk"],
    remarks: [
        [
            "A cable is faster and steadier than any radio link.",
            "Ein Kabel ist schneller und stabiler als jede Funkverbindung.",
        ],
        [
            "Firmware {version} and later show the quality of the line on the start page.",
            "Ab Firmware {version} steht die Qualität der Leitung auf der Startseite.",
        ],
        [
            "Planned work on the network is announced {days} days in advance.",
            "Geplante Arbeiten am Netz werden {days} Tage vorher angekündigt.",
        ],
    ],
    subjects: [
        Subject {
            title: ["Improve the wireless signal", "Das WLAN-Signal verbessern"],
            facts: [
                [
                    "Walls of concrete and floor heating weaken the signal most.",
                    "Betonwände und Fußbodenheizungen schwächen das Signal am stärksten.",
                ],
                [
                    "A value below -70 dBm is too weak for video.",
                    "Ein Wert unter -70 dBm ist für Video zu schwach.",
                ],
                [
                    "{product} changes the channel by itself every {hours} hours.",
                    "{product} wechselt den Kanal alle {hours} Stunden von selbst.",
                ],
            ],
            steps: [
                [
                    "Place the device upright, in the open and above furniture.",
                    "Stellen Sie das Gerät aufrecht, frei und oberhalb der Möbel auf.",
                ],
                [
                    "Measure the signal in every room with the app.",
                    "Messen Sie das Signal mit der App in jedem Zimmer.",
                ],
                [
                    "Use the 5 GHz band nearby and the 2.4 GHz band far away.",
                    "Nutzen Sie in der Nähe das 5-GHz-Band und weiter weg das 2,4-GHz-Band.",
                ],
            ],
            symptom: [
                "The signal is strong but pages load slowly.",
                "Das Signal ist stark, aber Seiten laden langsam.",
            ],
            remedy: [
                "Too many networks share the channel; switch on <em>automatic channel</em> and restart the device.",
                "Zu viele Netze teilen sich den Kanal; schalten Sie <em>automatische Kanalwahl</em> ein und starten Sie das Gerät neu.",
            ],
        },
        Subject {
            title: [
                "Open a port for a server at home",
                "Einen Port für einen Server zu Hause öffnen",
            ],
            facts: [
                [
                    "A port forwarding sends requests from outside to one device inside.",
                    "Eine Portfreigabe leitet Anfragen von außen an ein Gerät im Heimnetz.",
                ],
                [
                    "Connections that share an address with others cannot be reached over IPv4.",
                    "Anschlüsse, die sich eine Adresse mit anderen teilen, sind über IPv4 nicht erreichbar.",
                ],
                [
                    "Open only what you need: every open port is a door.",
                    "Öffnen Sie nur, was Sie brauchen: Jeder offene Port ist eine Tür.",
                ],
            ],
            steps: [
                [
                    "Give the server a fixed address in the home network.",
                    "Geben Sie dem Server eine feste Adresse im Heimnetz.",
                ],
                [
                    "Open <strong>Internet</strong>, then <strong>Port forwarding</strong> on {product}.",
                    "Öffnen Sie <strong>Internet</strong> und dann <strong>Portfreigaben</strong> auf {product}.",
                ],
                [
                    "Enter the port and the address, save, and test from a mobile phone.",
                    "Tragen Sie Port und Adresse ein, speichern Sie und testen Sie mit einem Mobiltelefon.",
                ],
            ],
            symptom: [
                "The server answers inside but not from outside.",
                "Der Server antwortet im Heimnetz, aber nicht von außen.",
            ],
            remedy: [
                "Ask for a public address, which costs {amount} a month, or use IPv6.",
                "Bestellen Sie eine öffentliche Adresse für {amount} im Monat oder nutzen Sie IPv6.",
            ],
        },
        Subject {
            title: [
                "Find the cause of lost connections",
                "Die Ursache für Verbindungsabbrüche finden",
            ],
            facts: [
                [
                    "Short losses every night are the renewal of the address and harmless.",
                    "Kurze Abbrüche jede Nacht sind die Erneuerung der Adresse und harmlos.",
                ],
                [
                    "Losses when the phone rings point to an old socket.",
                    "Abbrüche, wenn das Telefon klingelt, deuten auf eine alte Dose hin.",
                ],
                [
                    "The log of {product} keeps the last {days} days.",
                    "Das Protokoll von {product} reicht {days} Tage zurück.",
                ],
            ],
            steps: [
                [
                    "Open the log and note the time of each loss.",
                    "Öffnen Sie das Protokoll und notieren Sie die Zeit jedes Abbruchs.",
                ],
                [
                    "Replace the cable between socket and device.",
                    "Tauschen Sie das Kabel zwischen Dose und Gerät.",
                ],
                [
                    "Send us the log if the code {code} appears in it.",
                    "Senden Sie uns das Protokoll, wenn darin der Code {code} steht.",
                ],
            ],
            symptom: [
                "The lamp for the line blinks and never becomes steady.",
                "Die Lampe für die Leitung blinkt und leuchtet nie dauerhaft.",
            ],
            remedy: [
                "The line is not synchronised; connect the device directly to the first socket and wait {minutes} minutes.",
                "Die Leitung ist nicht synchron; schließen Sie das Gerät direkt an der ersten Dose an und warten Sie {minutes} Minuten.",
            ],
        },
        Subject {
            title: [
                "Set up a network for guests",
                "Ein Netz für Gäste einrichten",
            ],
            facts: [
                [
                    "Guests see the internet but none of your own devices.",
                    "Gäste sehen das Internet, aber keines Ihrer eigenen Geräte.",
                ],
                [
                    "The guest network can end by itself after {hours} hours.",
                    "Das Gastnetz kann sich nach {hours} Stunden von selbst abschalten.",
                ],
                [
                    "Its speed can be limited to {percent} percent of the line.",
                    "Seine Geschwindigkeit lässt sich auf {percent} Prozent der Leitung begrenzen.",
                ],
            ],
            steps: [
                [
                    "Open <strong>Wireless</strong> and switch on <em>Guest network</em>.",
                    "Öffnen Sie <strong>WLAN</strong> und schalten Sie <em>Gastnetz</em> ein.",
                ],
                [
                    "Choose a name that is different from your own.",
                    "Wählen Sie einen Namen, der sich von Ihrem eigenen unterscheidet.",
                ],
                [
                    "Print the square code and put it where guests see it.",
                    "Drucken Sie den quadratischen Code aus und hängen Sie ihn für Gäste sichtbar auf.",
                ],
            ],
            symptom: [
                "Guests are connected but get no page.",
                "Gäste sind verbunden, bekommen aber keine Seite.",
            ],
            remedy: [
                "The start page has to be accepted first; open any address that begins with http.",
                "Zuerst muss die Startseite bestätigt werden; rufen Sie eine Adresse auf, die mit http beginnt.",
            ],
        },
    ],
};
