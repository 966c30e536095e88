//! Words that say what the digits near them are, in English, German, French and Spanish.

use std::ops::Range;

/// A set of meanings, one bit each.
pub(super) type Class = u8;

/// A payment card follows.
pub(super) const CARD: Class = 1;
/// A social security number follows.
pub(super) const SOCIAL: Class = 2;
/// A telephone number follows.
pub(super) const PHONE: Class = 4;
/// A date of birth follows.
pub(super) const BIRTH: Class = 8;
/// A number of something else follows: of an order, a ticket, a contract.
pub(super) const REFERENCE: Class = 16;
/// A date of something else follows: of an order, a delivery, an appointment.
pub(super) const EVENT: Class = 32;

/// No word of the lists is longer, in bytes.
const LONGEST: usize = 40;

/// A word with a meaning, and where it stands.
pub(super) struct Mark {
    pub(super) range: Range<usize>,
    pub(super) class: Class,
}

/// Gathers the marks of a text, word by word.
#[derive(Default)]
pub(super) struct Words {
    marks: Vec<Mark>,
    previous: String,
    /// The last mark is a bare `number`, which `of` something else would take away.
    is_bare: bool,
}

impl Words {
    pub(super) fn see(&mut self, text: &str, range: Range<usize>) {
        let word = if range.len() <= LONGEST {
            text[range.clone()].to_lowercase()
        } else {
            String::new()
        };
        if self.is_bare && matches!(&*word, "de" | "du" | "d" | "of") {
            self.marks.pop();
        }
        self.is_bare = is_number(&word) && is_owner(&self.previous);
        let class = match &*word {
            "b" if ends_with_initials(&text[..range.end]) => BIRTH,
            "case" | "order" if self.previous == "in" => 0,
            _ if self.is_bare => PHONE,
            _ => class(&word),
        };
        if class != 0 {
            self.marks.push(Mark { range, class });
        }
        self.previous = word;
    }

    pub(super) fn into_marks(self) -> Vec<Mark> {
        self.marks
    }
}

/// `D.O.B`
fn ends_with_initials(text: &str) -> bool {
    let start = text.len().saturating_sub("d.o.b".len());
    text.get(start..)
        .is_some_and(|tail| tail.eq_ignore_ascii_case("d.o.b"))
}

fn is_number(word: &str) -> bool {
    matches!(
        word,
        "number" | "nummer" | "numéro" | "numero" | "número" | "no" | "nr" | "line"
    )
}

/// Before a bare `number`, these make it a telephone's: `my number is …`.
fn is_owner(word: &str) -> bool {
    matches!(
        word,
        "my" | "your"
            | "his"
            | "her"
            | "our"
            | "their"
            | "best"
            | "back"
            | "new"
            | "local"
            | "the"
            | "this"
            | "meine"
            | "meiner"
            | "deine"
            | "deiner"
            | "ihre"
            | "ihrer"
            | "unsere"
            | "der"
            | "die"
            | "neue"
            | "mon"
            | "ton"
            | "son"
            | "votre"
            | "notre"
            | "leur"
            | "le"
            | "au"
            | "mi"
            | "tu"
            | "su"
            | "nuestro"
            | "el"
            | "al"
    )
}

fn class(word: &str) -> Class {
    match word {
        "ssn" | "ssns" | "ss" | "social" | "soc" => SOCIAL,
        "card" | "visa" | "mastercard" | "maestro" | "amex" | "credit" | "debit" | "cc" | "pan"
        | "kreditkarte" | "karte" | "kartennummer" | "kreditkartennummer" | "carte"
        | "bancaire" | "cb" | "tarjeta" | "crédito" | "débito" => CARD,
        _ => phone(word) | birth(word) | reference(word) | event(word) | compound(word),
    }
}

fn phone(word: &str) -> Class {
    match word {
        "phone" | "phones" | "telephone" | "tel" | "mobile" | "cell" | "cellphone" | "call"
        | "calls" | "calling" | "called" | "callback" | "caller" | "dial" | "ring" | "reach"
        | "reached" | "contact" | "text" | "sms" | "whatsapp" | "fax" | "landline"
        | "voicemail" | "phonenumber" => PHONE,
        "telefon" | "handy" | "mobil" | "mobiltelefon" | "festnetz" | "anrufen" | "anruf"
        | "angerufen" | "rufen" | "ruf" | "zurückrufen" | "rückruf" | "erreichen"
        | "erreichbar" | "durchwahl" => PHONE,
        "téléphone" | "tél" | "téléphoner" | "portable" | "fixe" | "appeler" | "appelez"
        | "appelle" | "rappeler" | "rappelez" | "joindre" | "joignable" | "joignez" => PHONE,
        "teléfono" | "telefono" | "tfno" | "móvil" | "movil" | "celular" | "llamar"
        | "llamarme" | "llame" | "llámeme" | "llámame" | "llama" | "llamada" | "contactar"
        | "contacto" => PHONE,
        _ => 0,
    }
}

fn birth(word: &str) -> Class {
    match word {
        "born" | "dob" | "birth" | "birthdate" | "birthday" | "bday" | "dateofbirth" => BIRTH,
        "geburtsdatum" | "geburtstag" | "geboren" | "geborene" | "geborener" | "geb" => BIRTH,
        "né" | "née" | "naissance" | "anniversaire" => BIRTH,
        "nacimiento" | "nac" | "nací" | "nació" | "nacido" | "nacida" | "cumpleaños" => BIRTH,
        _ => 0,
    }
}

fn reference(word: &str) -> Class {
    match word {
        "order" | "orders" | "tracking" | "ticket" | "case" | "invoice" | "reference" | "ref"
        | "serial" | "part" | "parts" | "model" | "sku" | "item" | "account" | "acct"
        | "policy" | "claim" | "member" | "membership" | "id" | "ids" | "version" | "build"
        | "batch" | "lot" | "booking" | "reservation" | "confirmation" | "shipment" | "parcel"
        | "isbn" | "ean" | "barcode" | "meter" | "meeting" | "contract" | "receipt" | "voucher"
        | "coupon" | "loyalty" | "transaction" | "request" | "session" | "error" | "code"
        | "pin" | "zip" | "incident" | "po" | "timestamp" | "time" | "ts" | "licence"
        | "license" | "routing" | "amount" | "price" | "total" | "article" | "product"
        | "device" | "imei" | "iban" | "duration" | "size" | "count" => REFERENCE | event(word),
        "bestellung" | "auftrag" | "rechnung" | "vertrag" | "sendung" | "vorgang" | "artikel"
        | "zähler" | "zählerstand" | "konto" | "paket" | "kunde" | "betrag" => {
            REFERENCE | event(word)
        }
        "commande" | "dossier" | "facture" | "référence" | "colis" | "contrat" | "suivi"
        | "compte" | "montant" => REFERENCE | event(word),
        "pedido" | "factura" | "expediente" | "referencia" | "cuenta" | "contrato" | "envío"
        | "seguimiento" | "artículo" | "importe" => REFERENCE | event(word),
        _ => 0,
    }
}

fn event(word: &str) -> Class {
    match word {
        "order" | "ordered" | "appointment" | "delivery" | "delivered" | "ship" | "shipped"
        | "purchase" | "purchased" | "bought" | "invoice" | "expires" | "expired" | "expiry"
        | "due" | "charged" | "dated" | "meeting" | "booking" | "booked" | "flight"
        | "contract" | "warranty" | "since" | "until" | "moved" | "started" | "paid" => EVENT,
        "termin" | "lieferung" | "geliefert" | "bestellung" | "bestellt" | "gekauft"
        | "rechnung" | "vertrag" | "seit" | "bis" => EVENT,
        "commande" | "rendez" | "livraison" | "facture" | "contrat" | "depuis" | "livré"
        | "cita" | "pedido" | "entrega" | "factura" | "contrato" | "desde" | "compra" => EVENT,
        _ => 0,
    }
}

/// German writes one word: `Handynummer`, `Kundennummer`, `Lieferdatum`.
fn compound(word: &str) -> Class {
    let number = word
        .strip_suffix("nummer")
        .or_else(|| word.strip_suffix("nr"));
    match number {
        Some(
            "telefon" | "tel" | "handy" | "mobil" | "mobilfunk" | "ruf" | "rückruf" | "fax"
            | "festnetz",
        ) => PHONE,
        Some(thing) if thing.len() > 2 => REFERENCE,
        _ if word.len() > 8 && word.ends_with("datum") => EVENT,
        _ => 0,
    }
}
