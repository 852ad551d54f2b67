"""From a filled-in workbook or folder of tables to a checked chain file."""

from __future__ import annotations

from pathlib import Path

from pricing.chains.assumptions import Assumptions
from pricing.chains.calibrate import calibrate
from pricing.chains.schema import Chain
from pricing.chains.sheet_files import load_sheets, save_sheets
from pricing.chains.sheets import read_sheets, to_sheets
from pricing.core.documents import MAX_BYTES, parse_document
from pricing.core.yaml_text import dump_yaml
from pricing.errors import Fault, InputError

HEAD = "# yaml-language-server: $schema=../schema/chain.schema.json\n"
"""First line of a chain file."""


def chain_text(path: Path) -> tuple[Chain, str]:
    """The chain in a workbook or folder, and its text as a chain file.

    Raises
    ------
    InputError
        With every fault at its cell: names, numbers, units, and a base year that does not balance.
    """
    filled = read_sheets(load_sheets(path), path.name)
    chain = filled.chain()
    try:
        calibrate(chain, Assumptions(), {})
    except InputError as error:
        raise InputError([filled.placed(fault) for fault in error.faults]) from None
    text = HEAD + dump_yaml(filled.document.data)
    if len(text.encode()) > MAX_BYTES:
        problem = f"the chain file would be larger than {MAX_BYTES // 1024} kB"
        remedy = "Keep the base year in a table beside the chain (docs/how-to/build-a-benchmark.md)"
        raise InputError([Fault(problem, file=str(path), remedy=remedy)])
    return chain, text


def write_chain(path: Path, out: Path, *, force: bool = False) -> Chain:
    """Write the chain file; nothing is written if there is a fault."""
    if out.exists() and not force:
        fault = Fault("this file exists", file=str(out), remedy="Choose another, or use --force")
        raise InputError([fault])
    chain, text = chain_text(path)
    out.write_text(text, encoding="utf-8")
    return chain


def write_template(path: Path) -> None:
    """Write a small chain as a workbook (``.xlsx``) or a folder of CSV files, to be changed."""
    save_sheets(to_sheets(parse_document(EXAMPLE, "example").data), path)


EXAMPLE = """
schema_version: 1
kind: chain
id: my_chain
title: Ore and metal in two regions
description: An example to be changed; every number is made up.
base_year: 2024
currency: {code: USD, year: 2024}
vat_basis: excluded
sources:
  made_up: {text: Made up for the template, date: "2026", grade: illustrative, derivation: Round numbers to be replaced}
goods:
  - {id: ore, label: Ore, stage: mining, basis: t ore, sourcing: {law: logit, sigma: sourcing}, source: made_up}
  - {id: metal, label: Metal, stage: smelting, basis: t metal, sourcing: {law: logit, sigma: sourcing}, source: made_up}
regions:
  - {id: East, customs_value: fob, source: made_up}
  - {id: West, customs_value: cif, source: made_up}
elasticities:
  mining_supply: {of: output_price, short: {low: 0.1, central: 0.2, high: 0.3}, long: {low: 0.4, central: 0.7, high: 1.2}, source: made_up}
  smelting_supply: {of: output_price, short: {low: 0.2, central: 0.5, high: 1.0}, long: {low: 0.7, central: 1.5, high: 3.0}, source: made_up}
  metal_demand: {of: buyer_price, short: {low: 0.01, central: 0.05, high: 0.2}, long: {low: 0.1, central: 0.2, high: 0.6}, source: made_up}
  sourcing: {of: landed_price, short: {low: 2.0, central: 4.0, high: 6.0}, long: {low: 3.0, central: 6.0, high: 10.0}, source: made_up}
technologies:
  - {id: mining, label: Mining, outputs: {ore: 1 t/t}, supply: {kind: isoelastic, elasticity: mining_supply}, source: made_up}
  - {id: smelting, label: Smelting, inputs: {ore: 2 t/t}, outputs: {metal: 1 t/t}, supply: {kind: isoelastic, elasticity: smelting_supply}, source: made_up}
processes:
  - {id: mine_east, technology: mining, region: East, capacity: 250 t/yr, source: made_up}
  - {id: smelter_east, technology: smelting, region: East, source: made_up}
  - {id: smelter_west, technology: smelting, region: West, source: made_up}
demands:
  - {good: metal, region: East, use: cars, curve: {kind: isoelastic, elasticity: metal_demand, choke_multiple: 10 1}, source: made_up}
  - {good: metal, region: West, use: cars, curve: {kind: isoelastic, elasticity: metal_demand, choke_multiple: 10 1}, source: made_up}
freight:
  - {cost: 20 USD/t, insurance: 0.5 %, source: made_up}
duties:
  - {layer: mfn, good: metal, importer: West, rate: 3 %, source: made_up}
benchmarks:
  base:
    title: Base year 2024
    rows:
      - {variable: producer_price, good: ore, region: East, value: 1000, unit: USD/t, source: made_up}
      - {variable: producer_price, good: metal, region: East, value: 3000, unit: USD/t, source: made_up}
      - {variable: producer_price, good: metal, region: West, value: 3100, unit: USD/t, source: made_up}
      - {variable: production, process: mine_east, value: 200, unit: t/yr, source: made_up}
      - {variable: production, process: smelter_east, value: 70, unit: t/yr, source: made_up}
      - {variable: production, process: smelter_west, value: 30, unit: t/yr, source: made_up}
      - {variable: flow, good: ore, region: East, partner: East, value: 140, unit: t/yr, source: made_up}
      - {variable: flow, good: ore, region: East, partner: West, value: 60, unit: t/yr, source: made_up}
      - {variable: flow, good: metal, region: East, partner: East, value: 40, unit: t/yr, source: made_up}
      - {variable: flow, good: metal, region: East, partner: West, value: 30, unit: t/yr, source: made_up}
      - {variable: flow, good: metal, region: West, partner: West, value: 30, unit: t/yr, source: made_up}
      - {variable: use, good: metal, region: East, use: cars, value: 40, unit: t/yr, source: made_up}
      - {variable: use, good: metal, region: West, use: cars, value: 60, unit: t/yr, source: made_up}
"""  # noqa: E501 - a table reads better in long lines
"""A chain of two goods and two regions with a base year."""
