from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from spikebridge.compare.comparison import compare_columns
from spikebridge.compare.convergence import convergence
from spikebridge.compare.report import write_report
from spikebridge.compare.statistics import compare_statistics
from spikebridge.results.columns import Columns, Spikes

SECTIONS = ("run", "verdict", "raster", "traces", "distributions", "convergence", "sources")


class Page(HTMLParser):
    """Identifiers, addresses and unbalanced elements of a page."""

    VOID = frozenset({"meta", "br", "link", "img", "input", "hr"})

    def __init__(self):
        super().__init__()
        self.ids, self.addresses, self.open, self.stray = [], [], [], []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.ids += [found["id"]] if "id" in found else []
        self.addresses += [v for k, v in attrs if k in {"src", "href", "xlink:href", "data"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.stray.append(tag)


def read(path):
    page = Page()
    text = path.read_text(encoding="utf-8")
    page.feed(text)
    return text, page


@pytest.fixture(scope="module")
def full(lif, tmp_path_factory):
    """A report with everything in it."""
    runs = {
        name: [lif(name, seed=first + seed, noise=1.0, duration=500.0) for seed in range(3)]
        for name, first in (("brian2", 0), ("nest", 50))
    }
    pair = compare_columns([runs["brian2"][0], runs["nest"][0]])
    steps = {dt: lif("nest", dt=dt, duration=100.0) for dt in (0.2, 0.1)}
    study = convergence(steps, lif("reference", dt=0.05, duration=100.0), expected=1.0)
    path = tmp_path_factory.mktemp("report") / "deep" / "report.html"
    sources = {"brian2": "dv/dt = (E_L - v) / tau_m", "nestml": "if V_m < 3 & x > 2: <script>"}
    write_report(
        pair, path, sources=sources, convergence=[study], statistics=compare_statistics(runs)
    )
    return path


def test_all_sections_are_there(full):
    _, page = read(full)
    assert set(SECTIONS) | {"manifest"} <= set(page.ids)


def test_the_page_needs_nothing_but_itself(full):
    text, page = read(full)
    assert all(address.startswith("#") for address in page.addresses)
    assert "http" not in text
    assert "@import" not in text
    assert "<script" not in text
    assert not re.search(r"url\((?!#)", text)


def test_the_page_is_well_formed(full):
    text, page = read(full)
    assert page.stray == []
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert text.count("<svg") >= 6
    assert "&lt;script&gt;" in text


def test_figures_follow_the_page(full):
    text, _ = read(full)
    assert "var(--ink)" in text
    assert "var(--series-2)" in text
    assert not re.search(r"#0[1-8]0[1-8]0[1-8]", text)


def test_references_inside_figures_resolve(full):
    text, page = read(full)
    used = set(re.findall(r"url\(#([^)]+)\)", text))
    used |= {address[1:] for address in page.addresses}
    assert used <= set(page.ids)


def test_an_identical_result_says_so(lif, tmp_path):
    path = compare_columns([lif("brian2"), lif("nest")]).report(tmp_path / "r.html")
    text, _ = read(path)
    assert "Every spike has its partner." in text
    assert "iaf_psc_exp" in text
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_report_leaves_nothing(lif, tmp_path, monkeypatch):
    target = tmp_path / "r.html"
    target.write_text("old")

    def refuse(self, other):
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        compare_columns([lif("brian2"), lif("nest")]).report(target)
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.html"]
    assert target.read_text() == "old"


@pytest.mark.filterwarnings("error:constrained_layout")
def test_silent_and_traceless_results_have_a_report(tmp_path):
    quiet = Columns("a", 0.1, 10.0, {"p": Spikes.empty(5)}, {}, {})
    text, page = read(
        compare_columns([quiet, replace(quiet, simulator="b")]).report(tmp_path / "r.html")
    )
    assert "No state variable was recorded." in text
    assert set(SECTIONS) <= set(page.ids)


def test_a_large_network_stays_a_small_page(tmp_path):
    rng = np.random.default_rng(0)
    steps, senders = rng.integers(1, 10_000, 400_000), rng.integers(0, 8000, 400_000)
    spikes = Spikes.from_steps(steps, senders, 8000, 0.1)
    run = Columns("a", 0.1, 1000.0, {"e": spikes, "i": spikes}, {}, {})
    path = compare_columns([run, replace(run, simulator="b")]).report(tmp_path / "r.html")
    assert path.stat().st_size < 1_500_000
