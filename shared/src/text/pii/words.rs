//! The words themselves, in English, German, French and Spanish.

use std::collections::HashMap;
use std::sync::LazyLock;

use rustc_hash::FxBuildHasher;

use super::context::{BIRTH, CARD, Class, EVENT, PHONE, REFERENCE, SOCIAL};

/// Words by meaning; a word may have two.
const LISTS: [(Class, &str); 6] = [
    (SOCIAL, "ssn ssns ss social soc"),
    (
        CARD,
        "card visa mastercard maestro amex credit debit cc pan kreditkarte karte kartennummer kreditkartennummer \
        carte bancaire cb tarjeta crédito débito",
    ),
    (
        PHONE,
        "phone phones telephone tel mobile cell cellphone call calls calling called callback caller dial ring \
        reach reached contact text sms whatsapp fax landline voicemail phonenumber telefon handy mobil \
        mobiltelefon festnetz anrufen anruf angerufen rufen ruf zurückrufen rückruf erreichen erreichbar \
        durchwahl téléphone tél téléphoner portable fixe appeler appelez appelle rappeler rappelez joindre \
        joignable joignez teléfono telefono tfno móvil movil celular llamar llamarme llame llámeme llámame llama \
        llamada contactar contacto",
    ),
    (
        BIRTH,
        "born dob birth birthdate birthday bday dateofbirth geburtsdatum geburtstag geboren geborene geborener geb \
        né née naissance anniversaire nacimiento nac nací nació nacido nacida cumpleaños",
    ),
    (
        REFERENCE,
        "order orders tracking ticket case invoice reference ref serial part parts model sku item account acct \
        policy claim member membership id ids version build batch lot booking reservation confirmation shipment \
        parcel isbn ean barcode meter meeting contract receipt voucher coupon loyalty transaction request session \
        error code pin zip incident po timestamp time ts licence license routing amount price total article \
        product device imei iban duration size count bestellung auftrag rechnung vertrag sendung vorgang artikel \
        zähler zählerstand konto paket betrag commande dossier facture référence colis contrat suivi compte \
        montant pedido factura expediente referencia cuenta contrato envío seguimiento artículo importe ersatzteil teil firmware",
    ),
    (
        EVENT,
        "order ordered appointment delivery delivered ship shipped purchase purchased bought invoice expires \
        expired expiry due charged dated meeting booking booked flight contract warranty since until moved \
        started paid termin lieferung geliefert bestellung bestellt gekauft rechnung vertrag seit bis commande \
        rendez livraison facture contrat depuis livré cita pedido entrega factura contrato desde compra \
        version firmware release",
    ),
];

/// Every word of every text is looked up. The words of the lists are ours, so nobody can make them collide.
static CLASSES: LazyLock<HashMap<&str, Class, FxBuildHasher>> = LazyLock::new(|| {
    let mut classes = HashMap::default();
    for (class, words) in LISTS {
        for word in words.split_ascii_whitespace() {
            *classes.entry(word).or_default() |= class;
        }
    }
    classes
});

/// What a lower-case word means, 0 for most.
pub(super) fn class(word: &str) -> Class {
    CLASSES.get(word).copied().unwrap_or_else(|| compound(word))
}

/// Before a bare `number`, these make it a telephone's: `my number is …`.
const OWNERS: &str = "my your his her our their best back new local the this meine meiner deine deiner ihre ihrer unsere der die neue \
    mon ton son votre notre leur le au mi tu su nuestro el al";

pub(super) fn is_owner(word: &str) -> bool {
    OWNERS.split_ascii_whitespace().any(|owner| owner == word)
}

pub(super) fn is_number(word: &str) -> bool {
    matches!(
        word,
        "number" | "nummer" | "numéro" | "numero" | "número" | "no" | "nr" | "line"
    )
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
