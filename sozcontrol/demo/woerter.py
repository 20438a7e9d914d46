"""The vendors' own words for our codes; the profiles of Musterstadt translate them back."""

RECHTSGRUNDLAGE = {
    "27_2": "§ 27 Abs. 2 SGB VIII",
    **{p: f"§ {p} SGB VIII" for p in ("19", "20", "28", "29", "30", "31", "32", "33", "34")},
    **{p: f"§ {p} SGB VIII" for p in ("35", "35a", "41", "42")},
}
LEISTUNGSART = {
    "19": "Mutter-/Vater-Kind-Einrichtung",
    "20": "Versorgung in Notsituationen",
    "27_2": "Sonstige erzieherische Hilfe",
    "28": "Erziehungsberatung",
    "29": "Soziale Gruppenarbeit",
    "30": "Erziehungsbeistandschaft",
    "31": "Sozialpäd. Familienhilfe",
    "32": "Tagesgruppe",
    "33": "Vollzeitpflege",
    "34": "Heimerziehung/betr. Wohnform",
    "35": "Intensive sozialpäd. Einzelbetreuung",
    "35a": "Eingliederungshilfe seel. Behinderung",
    "42": "Inobhutnahme",
}
FORM = {"ambulant": "amb.", "teilstationaer": "teilstat.", "stationaer": "stat."}
GRUND_BEGINN = {
    "neu": "Neufall",
    "zustaendigkeit": "Zuständigkeitsübernahme",
    "hilfewechsel": "Hilfewechsel",
    "wiederaufnahme": "Wiederaufnahme",
}
GRUND_ENDE = {
    "hilfeplan": "1 – gemäß Hilfeplan",
    "abbruch_sorgeberechtigte": "2 – Abbruch Sorgeberechtigte",
    "abbruch_junger_mensch": "3 – Abbruch junger Mensch",
    "abbruch_einrichtung": "4 – Abbruch Einrichtung",
    "zustaendigkeit": "5 – Abgabe Zuständigkeit",
    "hilfewechsel": "6 – Übergang in andere Hilfe",
    "sonstiges": "7 – sonstiger Grund",
}
VERBLEIB = {
    "eltern": "Haushalt der Eltern",
    "elternteil": "Haushalt eines Elternteils",
    "verwandte": "Haushalt von Verwandten",
    "pflegefamilie": "Pflegefamilie",
    "einrichtung": "Einrichtung",
    "eigene_wohnung": "eigene Wohnung",
    "unbekannt": "unbekannt",
    "sonstiges": "sonstiger Aufenthalt",
}
ORT = {"stadt": "im Stadtgebiet", "ausserhalb": "außerhalb"}
PFLEGEFORM = {"fremd": "Fremdpflege", "verwandt": "Verwandtenpflege", "netzwerk": "Netzwerkpflege"}
STAATSANG = {"deutsch": "deutsch", "EU": "EU-Ausland", "Drittstaat": "Drittstaat"}
GESCHLECHT = {"m": "männlich", "w": "weiblich"}
ZAHLUNGSART = {
    "leistung": "Leistung",
    "erstattung": "Kostenerstattung",
    "kostenbeitrag": "Kostenbeitrag",
    "storno": "Rückrechnung",
}
EMPFAENGER = {
    "traeger": "Freier Träger",
    "pflegefamilie": "Pflegefamilie",
    "privat": "Privatperson",
    "kommune": "Öffentl. Träger",
}
EINHEIT = {"Tag": "Tage", "FLS": "FLS", "Monat": "Monat", "Stueck": "Stück"}
HERKUNFT = {"fachverfahren": "Schnittstelle", "manuell": "manuell"}
BUDGETART = {
    "nachtrag": "Nachtragshaushalt",
    "uepl": "überplanmäßig",
    "apl": "außerplanmäßig",
    "umschichtung": "Umschichtung",
    "sperre": "Haushaltssperre",
}
