"""What the app says when Streamlit is not the one whose Vega it draws with."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("own_modules")


@pytest.mark.parametrize("files", [(), ("loadVegaEmbed.1.js", "loadVegaEmbed.2.js")])
def test_a_streamlit_without_the_one_file_of_vega_is_named(
    files: tuple[str, ...], tmp_path: Path
) -> None:
    from pricing_ui import chart_view

    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(RuntimeError, match=rf"Streamlit [\d.]+ should have .* has {len(files)};"):
        chart_view._bundle(tmp_path)
