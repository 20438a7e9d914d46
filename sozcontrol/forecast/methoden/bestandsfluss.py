"""M9: stock-flow by cell (Hilfeart × age group) with uncertainty of events and of parameters.

Each period a running case of cell g stays, passes to cell h or ends with fixed probabilities, and
new cases arrive at a Poisson rate. Expectation and variance are exact recursions, not a simulation;
the parameters' own uncertainty (multinomial and Poisson, from the counted past) is carried along.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sozcontrol.errors import DeliveryError
from sozcontrol.forecast.methoden.einfach import IST, Wert, ergibt, fehlt
from sozcontrol.forecast.methoden.ergaenzung import noch_nicht_abgerechnet
from sozcontrol.forecast.reihe import Floats, Kenntnis


@dataclass(frozen=True)
class Fluss:
    """Counted past of G cells over T periods, and the stock today.

    ``unter_risiko`` (G,) is the sum over periods of the stock at each period's begin;
    ``uebertritt`` (G, G) counts passages from column to row; ``abgang`` and ``zugang`` (G,) count
    ends and new cases; ``kosten`` (G,) the cost of a case and period (0 where unknown).
    """

    bestand: Floats
    unter_risiko: Floats
    uebertritt: Floats
    abgang: Floats
    zugang: Floats
    perioden: int
    kosten: Floats


@dataclass(frozen=True)
class Verlauf:
    """Expected stock (H, G) and its standard deviation (H, G), total (H,) likewise.

    ``streuung_kosten`` (H,) is the standard deviation of the cost of each period, in €.
    """

    bestand: Floats
    streuung: Floats
    gesamt: Floats
    streuung_gesamt: Floats
    streuung_kosten: Floats


def uebergang(f: Fluss) -> Floats:
    """Return the (G, G) matrix of probabilities to be in row's cell one period later.

    Raises:
        DeliveryError: More cases left a cell than were ever under risk in it.
    """
    g = len(f.bestand)
    weg = f.uebertritt.sum(axis=0) + f.abgang
    if np.any(weg > f.unter_risiko) or f.perioden < 1:
        raise DeliveryError(
            "Aus einer Zelle gingen mehr Fälle ab, als in ihr liefen.",
            wo="Bestand und Fluss",
            tun="Zu- und Abgänge mit dem Bestand abgleichen.",
        )
    risiko = np.where(f.unter_risiko > 0, f.unter_risiko, 1.0)
    a = f.uebertritt / risiko
    a[np.arange(g), np.arange(g)] += 1 - weg / risiko
    return a


def bestandsfluss(f: Fluss, horizont: int) -> Verlauf:
    """Return the expected stock of the coming *horizont* periods with standard deviations."""
    a, g = uebergang(f), len(f.bestand)
    rate = f.zugang / f.perioden
    risiko = np.where(f.unter_risiko > 0, f.unter_risiko, 1.0)
    cov = np.array([(np.diag(a[:, s]) - np.outer(a[:, s], a[:, s])) for s in range(g)])
    mu, var = f.bestand.astype(float), np.zeros((g, g))
    s_a, s_l = np.zeros((g, g, g)), np.zeros((g, g))  # sensitivities to a[h, s] and to the rates
    bestand, streuung, gesamt, kosten = [], [], [], []
    for _ in range(horizont):
        s_a = np.einsum("ij,jhs->ihs", a, s_a)
        s_a[np.arange(g), np.arange(g), :] += mu
        s_l = a @ s_l + np.eye(g)
        ereignis = np.einsum("s,shi->hi", mu, cov) + np.diag(rate)
        var = a @ var @ a.T + ereignis
        mu = a @ mu + rate
        param = np.einsum("ihs,shk,jks->ij", s_a, cov / risiko[:, None, None], s_a)
        alles = var + param + s_l @ np.diag(rate / f.perioden) @ s_l.T
        bestand.append(mu)
        streuung.append(np.sqrt(np.maximum(np.diag(alles), 0)))
        gesamt.append(np.sqrt(max(float(alles.sum()), 0.0)))
        kosten.append(np.sqrt(max(float(f.kosten @ alles @ f.kosten), 0.0)))
    h = (horizont, g)
    stock = np.array(bestand).reshape(h)
    return Verlauf(
        stock, np.array(streuung).reshape(h), stock.sum(axis=1), np.array(gesamt), np.array(kosten)
    )


def bestandsfluss_wert(k: Kenntnis) -> Wert:
    """M9: the completed actual plus expected stock × cost of each cell over the coming periods.

    Needs ``k.extra["fluss"]``, counted with nothing later than the origin. Its own standard error
    takes the deviations of the periods as if they went together: a case too many stays one.
    """
    f = k.extra.get("fluss")
    if not isinstance(f, Fluss):
        return fehlt("M9", "Es gibt keine gezählten Zu- und Abgänge.")
    if not np.isfinite(k.ist):
        return fehlt("M9", "Das Ist zum Stichtag fehlt.")
    verlauf = bestandsfluss(f, k.perioden - k.periode)
    rest = float((verlauf.bestand * f.kosten).sum())
    satz = "Bestand, Zugänge und Abgänge je Reihe und Altersgruppe fortgeschrieben."
    teile = [(IST, k.ist), *noch_nicht_abgerechnet(k), ("Bestand × Kosten", rest)]
    return replace(ergibt("M9", teile, satz, k), streuung=float(verlauf.streuung_kosten.sum()))
