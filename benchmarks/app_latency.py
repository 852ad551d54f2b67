"""How soon the app answers: one reader in a real browser, twenty sessions, two thousand moves.

1. A slider is moved with the keyboard in Chromium until every chart has its new data, on the page
   *What if* and on a bare page with one slider and its value, taken by turns in one run. *What if*
   may take at most 4 times the bare page's median; the goal is 100 ms.
2. Twenty sessions speak Streamlit's protocol without a browser and move a slider every 2 s on
   average: the median from the move to the end of the script may be at most 60 ms, the goal is 30.
3. One session moves 2,000 times: the server's memory may grow by at most 5 % after the first 500.

Every move is to a price that was not solved before. Usage:
``python -m benchmarks.app_latency [browser] [sessions] [memory]``; all three if none is named.
"""

from __future__ import annotations

import asyncio
import platform
import random
import statistics
import sys
import time
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.app_client import Client, session
from pricing import launch
from tools import browser

SCENARIO = launch.DEFAULT
LEVER = "policies.reference.level.price"
PRICE = 96.48
BARE = Path(__file__).with_name("bare_page.py")

ROUNDS, PRESSES, DROPPED = 6, 12, 2
MOST_RATIO, GOAL_MS = 4.0, 100.0
SESSIONS, SECONDS, THINK = 20, 45.0, 2.0
MOST_MEDIAN_MS, GOAL_MEDIAN_MS = 60.0, 30.0
MOVES, WARM, EACH, MOST_GROWTH = 2_000, 500, 250, 0.05

WATCH = """selector => {
    const probe = window.probe = {pressed: 0, last: 0, moved: new Set(), ran: false};
    document.addEventListener("keydown", event => {
        Object.assign(probe, {pressed: event.timeStamp, last: 0, moved: new Set(), ran: false});
    }, true);
    let asked = false;
    const changed = element => {
        const watched = element && element.closest(selector);
        if (!watched) return;
        probe.moved.add(watched);
        if (asked) return;
        asked = true;
        requestAnimationFrame(() => { asked = false; probe.last = performance.now(); });
    };
    new MutationObserver(records => {
        for (const {target} of records)
            changed(target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement);
    }).observe(document.body, {subtree: true, childList: true, attributes: true,
                               characterData: true});
    const pictures = CanvasRenderingContext2D.prototype, wipe = pictures.clearRect;
    pictures.clearRect = function (...place) { changed(this.canvas); wipe.apply(this, place); };
}"""
"""Notes when what is watched changes after a key: the time of the frame that shows it.

What is watched changes with its elements, or where it is a picture, when that is drawn anew.
"""
QUIET = """quiet => {
    const app = document.querySelector("[data-testid=stApp]");
    return app.dataset.testScriptState === "notRunning" && window.probe.last > 0
        && performance.now() - window.probe.last > quiet;
}"""
READ = "() => [window.probe.last - window.probe.pressed, window.probe.moved.size]"


def press(page: Page, key: str) -> tuple[float, int]:
    """Milliseconds from a key to the last change on screen, and how many elements changed."""
    page.keyboard.press(key)
    page.wait_for_function(QUIET, arg=300)
    taken, moved = page.evaluate(READ)
    return float(taken), int(moved)


def opened(page: Page, address: str, watched: str, slider: str) -> None:
    """Load a page, watch it, and put the keyboard on its slider."""
    page.goto(address)
    page.wait_for_selector(watched)
    browser.settle(page)
    page.evaluate(WATCH, watched)
    page.locator(slider).first.focus()


def in_browser() -> bool:
    """Bare page and *What if* by turns; whether the bar is met."""
    port, bare_port = browser.free_port(), browser.free_port()
    times: dict[str, list[float]] = {"bare": [], "what if": []}
    moved: list[int] = []
    charts = ".pricing-chart"
    with (
        browser.served(launch.command(port), port, launch.environment(SCENARIO)),
        browser.served(browser.script(BARE, bare_port), bare_port, launch.environment(SCENARIO)),
        browser.browser() as chromium,
    ):
        size = {"width": 1500, "height": 1000}
        pages = {name: chromium.new_context(viewport=size).new_page() for name in times}
        opened(pages["bare"], f"http://127.0.0.1:{bare_port}", "[data-testid=stText]", "input")
        lever = f"[class*='st-key-slider_{LEVER.replace('.', '-')}'] input"
        opened(pages["what if"], f"http://127.0.0.1:{port}", charts, lever)
        drawn = pages["what if"].locator(charts).count()
        for turn in range(ROUNDS):
            for name, page in pages.items():
                page.bring_to_front()
                for step in range(PRESSES):
                    taken, count = press(page, "ArrowLeft" if turn == 0 else "ArrowRight")
                    if step >= DROPPED:  # the first after a change of window are not like the rest
                        times[name].append(taken)
                        moved += [count] if name == "what if" else []
    bare, ours = (statistics.median(found) for found in times.values())
    print("browser: key to last change on screen, ms, median [5 % - 95 %]")
    for name, found in times.items():
        print(f"  {name:<8} {spread(found)}  n={len(found)}")
    print(f"  charts on the page {drawn}, changed by a move {statistics.median(moved):g}")
    print(f"  ratio {ours / bare:.2f}, bar {MOST_RATIO:g}; {ours:.0f} ms, goal {GOAL_MS:g}")
    return ours <= MOST_RATIO * bare


def spread(found: list[float]) -> str:
    """Median, and where nine tenths lie."""
    cuts = statistics.quantiles(found, n=20)
    return f"{statistics.median(found):6.1f} [{cuts[0]:6.1f} - {cuts[-1]:6.1f}]"


async def reader(port: int, seed: int) -> list[float]:
    """One session that moves and thinks by turns."""
    dice, found = random.Random(seed), []
    async with session(port, LEVER) as client:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            await asyncio.sleep(dice.expovariate(1.0 / THINK))
            found.append(await client.move(round(PRICE * dice.uniform(0.8, 1.2), 3)))
    return found


def many_sessions() -> bool:
    """Twenty sessions at once; whether the bar is met."""
    port = browser.free_port()

    async def all_readers() -> list[list[float]]:
        return await asyncio.gather(*(reader(port, seed) for seed in range(SESSIONS)))

    with browser.served(launch.command(port), port, launch.environment(SCENARIO)):
        found = [taken for one in asyncio.run(all_readers()) for taken in one]
    middle = statistics.median(found)
    print(f"{SESSIONS} sessions, {THINK:g} s between moves: move to end of script, ms")
    print(f"  {spread(found)}  n={len(found)}; bar {MOST_MEDIAN_MS:g}, goal {GOAL_MEDIAN_MS:g}")
    return middle <= MOST_MEDIAN_MS


def resident_mb(process: int) -> float:
    """Memory of a process (Linux) [MB]."""
    text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    (line,) = (line for line in text.splitlines() if line.startswith("VmRSS:"))
    return float(line.split()[1]) / 1024.0


async def soak(client: Client, process: int) -> list[tuple[int, float]]:
    """Moves so far and memory, from the first run on."""
    found = [(0, resident_mb(process))]
    for move in range(1, MOVES + 1):
        await client.move(round(PRICE * (0.8 + 0.4 * move / MOVES), 4))
        if move % EACH == 0:
            found.append((move, resident_mb(process)))
    return found


def long_session() -> bool:
    """Two thousand moves of one session; whether the memory stays flat."""
    port = browser.free_port()
    with browser.served(launch.command(port), port, launch.environment(SCENARIO)) as process:

        async def run() -> list[tuple[int, float]]:
            async with session(port, LEVER) as client:
                return await soak(client, process)

        found = asyncio.run(run())
    print("one session, memory of the server after so many moves, MB")
    print("  " + ", ".join(f"{move}: {size:.0f}" for move, size in found))
    warm = next(size for move, size in found if move >= WARM)
    growth = found[-1][1] / warm - 1.0
    print(f"  growth after {WARM} moves {growth:+.1%}, bar {MOST_GROWTH:.0%}")
    return growth <= MOST_GROWTH


PARTS = {"browser": in_browser, "sessions": many_sessions, "memory": long_session}


def main(names: list[str]) -> int:
    """Run the parts named; exit code 1 if a bar is missed."""
    print(f"{platform.machine()}, Python {platform.python_version()}, scenario {SCENARIO}")
    met = [PARTS[name]() for name in names or PARTS]
    return int(not all(met))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
