"""The only door to ``data/processed``: deliveries are written once, whole, and never overwritten.

A delivery lies under ``data/processed/<stichtag>/<datenstand>/<fassung>/``. The *Fassung* is the
fingerprint of everything its tables follow from (delivered bytes, profiles, table definitions,
rules, the code that reads and checks), so the same delivery is recognised and reused, and a changed
one lies beside the earlier one. Two journals that only grow lie beside the deliveries: what was
published, and what was forecast; so does what was decided for the reports of a Stichtag. What was
computed from a delivery is kept beside it until data or code change. Nothing stored is believed
before its checksum is proved.
"""

from __future__ import annotations

from sozcontrol.store.abfragetexte import Abfragetext, textordner, uebersetzt
from sozcontrol.store.archiv import (
    check_key,
    check_kommune,
    deliveries,
    find,
    finding_history,
    latest_datenstand,
    latest_stichtag,
    load_findings,
    save,
)
from sozcontrol.store.damage import Damage, damages
from sozcontrol.store.daneben import (
    daneben,
    danebengelegt,
    gueltige_daneben,
    nicht_archiviert,
)
from sozcontrol.store.daten import Daten, abgelehnt, beanstandet, open_data, open_fassung, vorjahr
from sozcontrol.store.engine import angelegt, connect
from sozcontrol.store.entscheidungen import (
    Entschieden,
    entscheidung,
    entscheidung_ablegen,
    entscheidung_mit,
    entscheidung_von,
    entscheidungsdateien,
    entschiedene,
    gelesene_entscheidungen,
)
from sozcontrol.store.ergebnisse import (
    Platz,
    dieselbe,
    gerechnet,
    merkordner,
    name_aus,
    ordner_des_laufs,
    platz,
    pruefsumme,
    vergiss,
)
from sozcontrol.store.fassung import Manifest, dates_below, stored_folder
from sozcontrol.store.gemerkt import beantwortet
from sozcontrol.store.nachstellen import gelten_lassen, nachstellen
from sozcontrol.store.prognosen import (
    Prognose,
    Prognosefehler,
    archivsumme,
    mit_ergebnis,
    prognosen,
    prognosen_ablegen,
)
from sozcontrol.store.veroeffentlicht import (
    Veroeffentlichung,
    veroeffentlichungen,
    veroeffentlichungen_ablegen,
)

__all__ = [
    "Abfragetext", "Damage", "Daten", "Entschieden", "Manifest", "Platz", "Prognose",
    "Prognosefehler", "Veroeffentlichung", "abgelehnt", "angelegt", "archivsumme",
    "beanstandet", "beantwortet", "check_key", "check_kommune", "connect", "damages", "daneben",
    "danebengelegt", "dates_below", "deliveries", "dieselbe", "entscheidung",
    "entscheidung_ablegen", "entscheidung_mit", "entscheidung_von", "entscheidungsdateien",
    "entschiedene", "find", "finding_history", "gelesene_entscheidungen", "gelten_lassen",
    "gerechnet", "gueltige_daneben", "latest_datenstand", "latest_stichtag", "load_findings",
    "merkordner", "mit_ergebnis", "nachstellen", "name_aus", "nicht_archiviert", "open_data",
    "open_fassung", "ordner_des_laufs", "platz", "prognosen", "prognosen_ablegen",
    "pruefsumme", "save", "stored_folder", "textordner", "uebersetzt", "vergiss",
    "veroeffentlichungen", "veroeffentlichungen_ablegen", "vorjahr",
]  # fmt: skip
