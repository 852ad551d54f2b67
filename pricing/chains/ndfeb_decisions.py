"""Figures that the report of the NdFeB reconciliation shows, and the texts that hold them."""

from __future__ import annotations

from pricing.chains.ndfeb_build import BenchmarkResult, Sources
from pricing.chains.ndfeb_measured import mine_split
from pricing.chains.ndfeb_rules import DecisionText

QUOTES = ("20250410", "20250425", "20251231")
"""Days with a Chinese quote for both oxide and metal."""


class Figures:
    """Numbers of one variant by name, in the units that the report prints."""

    def __init__(self, sources: Sources, result: BenchmarkResult) -> None:
        self.result = result
        self.made = result.tonnes.coefficients
        self.flow = {
            (row.good, row.region, row.partner): row.value
            for row in result.rows
            if row.variable == "flow"
        }
        self.price = {(line.good, line.region): line.price / 1e3 for line in result.prices}
        self.values = self._tonnes() | self._trade() | self._prices(sources)

    def stage(self, name: str) -> float:
        """World level of a stage: mine, separation, scrap, metal or magnet [t]."""
        return sum(
            row.value
            for row in self.result.rows
            if row.process is not None and row.process.startswith(f"{name}_")
        )

    def share(self, good: str, origin: str, destination: str) -> float:
        """Share of an origin in what a destination buys [%]."""
        bought = sum(t for (g, _, j), t in self.flow.items() if (g, j) == (good, destination))
        return 100.0 * self.flow[good, origin, destination] / bought

    def _tonnes(self) -> dict[str, float]:
        tonnes, made = self.result.tonnes, self.made
        content = made.oxide_per_element
        names = ("mine", "separation", "scrap", "metal", "magnet")
        world = {name: self.stage(name) / 1e3 for name in names}
        metal = made.metal * self.metal_recovery()
        return world | {
            "scrap_element": world["scrap"] / content,
            "loss_separation": 100.0 - 100.0 / (made.concentrate * content),
            "loss_magnet": 100.0 - 100.0 * metal * content / (made.oxide * made.metal),
            "australia": tonnes.get("mine", "Australia") / 1e3,
            "malaysia": tonnes.get("separation", "Malaysia") / 1e3,
            "re_exported": sum(tonnes.re_exported.values()) / 1e3,
            "oxide_per_magnet": made.oxide * made.metal,
        }

    def metal_recovery(self) -> float:
        """Metal in the magnet over metal used [1]; the same as oxide to metal."""
        return self.made.oxide_per_element / self.made.oxide

    def _trade(self) -> dict[str, float]:
        found = self.result.tonnes.found.values
        feed = found["concentrate:United States>China"] / self.made.concentrate
        separation = self._level("separation_china")
        into_eu = {i: t for (g, i, j), t in self.flow.items() if (g, j) == ("magnet", "EU")}
        imported = sum(into_eu.values()) - into_eu["EU"]
        abroad = (
            t
            for (g, i, j), t in self.flow.items()
            if (g, i) == ("magnet", "China") and j != "China"
        )
        return {
            "eu_others": (imported - into_eu["China"]) / 1e3,
            "eu_magnet_china": 100.0 * into_eu["China"] / imported,
            "eu_oxide_china": self.share("oxide", "China", "EU"),
            "mountain_pass": 100.0 * feed / separation,
            "china_us": self.flow["magnet", "China", "United States"] / 1e3,
            "china_exports": sum(abroad),
        }

    def _level(self, process: str) -> float:
        return next(row.value for row in self.result.rows if row.process == process)

    def _prices(self, sources: Sources) -> dict[str, float]:
        raw, oxide = sources.raw, self.price["oxide", "China"]
        concentrate = self.price["concentrate", "United States"]
        quoted = [
            100.0
            - 100.0 * raw.value(f"smm_oxide_{d}") * self.made.oxide / raw.value(f"smm_metal_{d}")
            for d in QUOTES
        ]
        vietnam = self.flow["oxide", "United States", "Vietnam"]
        percent = raw.value("iea_refined_world") / 100.0
        named = percent * (raw.value("atlas_share_france") + raw.value("atlas_share_vietnam"))
        india = mine_split(raw)["India"] * (1.0 - sources.rules.loss_separation.fraction) / 1e3
        return {
            "refining_rest": raw.value("iea_refined_rest"),
            "refining_unnamed": raw.value("iea_refined_rest") - named - india,
            "quoted_low": min(quoted),
            "quoted_high": max(quoted),
            "oxide_china": oxide,
            "concentrate": concentrate,
            "payable": 100.0 * concentrate / (oxide * self.made.oxide_per_element),
            "us_vietnam": vietnam * oxide / 1e3,
            "magnet_japan": self.price["magnet", "Japan"],
            "magnet_eu": self.price["magnet", "EU"],
            "magnet_vietnam": self.price["magnet", "Vietnam"],
        }


def world(figures: Figures) -> list[tuple[str, float, str]]:
    """World totals: name, value, unit."""
    at = figures.values
    return [
        ("mine output", 1e3 * at["mine"], "t contained Nd+Pr+Dy+Tb (held)"),
        ("oxide from concentrate", 1e3 * at["separation"], "t oxide"),
        ("oxide from scrap", 1e3 * at["scrap"], "t oxide (free, 0 to 20 kt in the sources)"),
        ("metal", 1e3 * at["metal"], "t rare-earth content"),
        ("magnets", 1e3 * at["magnet"], "t NdFeB (free, 213 to 277 kt in the sources)"),
        ("loss in separation", at["loss_separation"], "% of contained rare earths"),
        ("loss from oxide to magnet", at["loss_magnet"], "% over two stages, net of swarf"),
    ]


def decisions(sources: Sources, figures: Figures) -> list[DecisionText]:
    """Decisions of the rules with their figures filled in."""
    words = {name: f"{value:.2f}" for name, value in figures.values.items()}
    priors = sources.rules.priors.items()
    words["priors"] = " ".join(f"{name}: {variant.note}" for name, variant in priors)
    return [
        one.revised(
            before=one.before.format_map(words),
            after=one.after.format_map(words),
            why=one.why.format_map(words),
        )
        for one in sources.rules.decisions
    ]


def checks(sources: Sources, figures: Figures) -> list[tuple[str, float, float, str]]:
    """Outside figures beside what came out: name, there, here, unit."""
    return [
        (
            check.name,
            sum(sources.raw.value(row) for row in check.rows) / len(check.rows),
            figures.values[check.here],
            check.unit,
        )
        for check in sources.rules.checks
    ]
