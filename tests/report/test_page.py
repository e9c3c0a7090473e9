"""The page in a real browser: nothing fails in its console, and every control does what it says."""

from __future__ import annotations

import html
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lrsweep.report.page.writing import to_html
from lrsweep.report.study_report import read_report
from lrsweep.store.read import StudyReader
from tests.cli.terminal import lrsweep

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
browser_there = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver"
)
HOSTILE = "</script><img src=x onerror=alert(1)> & more"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a real study with diverged and pruned trials, whose name is hostile."""
    folder = tmp_path_factory.mktemp("page")
    done = lrsweep(
        folder, "run", "digits", "-s", "lr=1e-3:30", "-s", "optimizer=sgd,adam", "-s",
        "batch_size=64,256", "-n", "24", "--sampler", "random", "-q", "--study", HOSTILE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = lrsweep(folder, "report", "--html", "report.html")
    assert (said.returncode, said.stdout, said.stderr) == (0, "wrote report.html\n", "")
    return folder / "report.html"


def data_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_the_page_is_one_file_that_asks_for_nothing(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)=["'](?!#)""", text)
    assert "http" not in re.sub(r"[^\s\"]*w3\.org/2000/svg|http-equiv", "", text)
    assert html.escape("</script><img src=x onerror=alert(1)>") in text
    assert "<img" not in text
    assert "\x1b" not in text


def test_it_holds_every_trial_with_its_command_and_curves(page: Path) -> None:
    data = data_of(page.read_text(encoding="utf-8"))
    assert len(data["trials"]) == 24
    assert all("train.py" in trial["command"] for trial in data["trials"])
    assert data["curves"]["metrics"][:2] == ["val_loss", "train_loss"]
    assert {"grad_norm", "lr"} <= set(data["curves"]["panels"])
    assert data["curves"]["examples"] == "examples"
    assert [shares["name"] for shares in data["importance"]["shares"]] or len(
        [t for t in data["trials"] if t["outcome"] == "completed"]
    ) < 20


def test_a_study_without_trials_has_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import optuna

    monkeypatch.chdir(tmp_path)
    optuna.create_study(storage="sqlite:///lrsweep.db", study_name="empty")
    with StudyReader("sqlite:///lrsweep.db") as reader:
        text = to_html(read_report(reader, None), reader, {})
    assert data_of(text)["trials"] == []


# -- in the browser -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


class Page:
    """The opened page, asked through scripts."""

    def __init__(self, driver: Any, path: Path, width: int) -> None:
        from selenium.webdriver.support.ui import WebDriverWait

        self.driver = driver
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        driver.get(path.as_uri())
        WebDriverWait(driver, 30).until(lambda _: self("document.documentElement.dataset.ready"))
        WebDriverWait(driver, 30).until(
            lambda _: self("document.querySelector('#landscape svg.plot') !== null")
        )

    def __call__(self, script: str) -> Any:
        return self.driver.execute_script(f"return {script}")

    def do(self, script: str) -> None:
        self.driver.execute_script(script)

    def count(self, selector: str) -> int:
        return int(self(f"document.querySelectorAll({json.dumps(selector)}).length"))

    def text(self, selector: str) -> str:
        return str(self(f"document.querySelector({json.dumps(selector)}).innerText"))

    def choose(self, control: str, value: str) -> None:
        self.do(
            f"const c = document.getElementById({json.dumps(control)}); c.value = "
            f"{json.dumps(value)}; c.dispatchEvent(new Event('input', {{bubbles: true}}));"
            "c.dispatchEvent(new Event('change', {bubbles: true}));"
        )

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]


@pytest.fixture(params=[390, 1280])
def opened(request: pytest.FixtureRequest, page: Path) -> Page:
    if not (CHROMIUM and DRIVER):
        pytest.skip("needs chromium and chromedriver")
    return Page(request.getfixturevalue("browser"), page, request.param)


@browser_there
def test_everything_is_drawn_and_nothing_complains(opened: Page) -> None:
    for section in ("landscape", "scaling", "curves", "parallel", "trials"):
        assert opened.count(f"#{section} svg, #{section} table") > 0, section
    assert opened.count("#trials tbody tr") == 24
    assert opened.text("h1").startswith("</script><img src=x")
    assert opened("document.documentElement.scrollWidth <= window.innerWidth")
    assert opened.complaints() == []


@browser_there
def test_every_control_does_what_it_says(opened: Page) -> None:
    curve = "document.querySelector('#curves svg.plot path').getAttribute('d')"
    for control, value in (("metric", "train_loss"), ("which", "all"), ("axis", "examples")):
        before = opened(curve)
        opened.choose(control, value)
        assert opened("document.querySelector('#curves figcaption').innerText").startswith(
            "train_loss"
        )
        assert opened(curve) != before or control == "which", control
    before = opened(curve)
    opened.do("document.getElementById('log').click()")
    assert opened(curve) != before
    before = opened(curve)
    opened.choose("smooth", "80")
    assert opened(curve) != before
    theme = opened("document.documentElement.dataset.theme")
    opened.do("document.getElementById('theme').click()")
    assert opened("document.documentElement.dataset.theme") != theme
    assert opened.complaints() == []


@browser_there
def test_the_table_sorts_and_filters(opened: Page) -> None:
    rates = "[...document.querySelectorAll('#trials tbody tr')].map(r => +r.children[{}].innerText)"
    at = opened("[...document.querySelectorAll('#trials th')].findIndex(h => h.innerText == 'lr')")
    opened.do(f"document.querySelectorAll('#trials th button')[{at}].click()")
    up = opened(rates.format(at))
    assert up == sorted(up)
    opened.do(f"document.querySelectorAll('#trials th button')[{at}].click()")
    down = opened(rates.format(at))
    assert down == sorted(down, reverse=True)
    assert opened(f"document.querySelectorAll('#trials th')[{at}].ariaSort") == "descending"
    opened.choose("filter", "sgd lr<0.1")
    assert 0 < opened.count("#trials tbody tr") < 24
    assert all(rate < 0.1 for rate in opened(rates.format(at)))
    opened.choose("filter", "no such thing")
    assert opened.count("#trials tbody tr") == 0
    assert opened.text("#trials .controls .note") == "0 of 24 trials"
    assert opened.complaints() == []


@browser_there
def test_a_trial_is_opened_from_the_table_and_its_curve_chosen(opened: Page) -> None:
    opened.do("document.querySelector('#trials tbody tr button').click()")
    assert "Command" in opened.text("#trial")
    assert "train.py" in opened.text("#trial pre")
    opened.do("document.querySelector('#trials tbody tr input').click()")
    assert "1 chosen" in opened.text("#curves figcaption")
    opened.do("document.getElementById('clear').click()")
    assert "10 best" in opened.text("#curves figcaption")
    opened.do("document.querySelector('#trial > button').click()")
    assert opened("document.getElementById('trial').hidden")
    assert opened.complaints() == []


@browser_there
def test_the_keyboard_walks_through_a_chart_and_it_is_read_out(opened: Page) -> None:
    key = "new KeyboardEvent('keydown', {key: '%s', bubbles: true})"
    plot = "document.querySelector('#landscape svg.plot')"
    opened.do(f"{plot}.focus(); {plot}.dispatchEvent({key % 'ArrowRight'})")
    assert opened.text("#said").startswith("trial ")
    first = opened.text("#said")
    opened.do(f"{plot}.dispatchEvent({key % 'ArrowRight'})")
    assert opened.text("#said") != first
    opened.do(f"{plot}.dispatchEvent({key % 'Enter'})")
    assert "1 chosen" in opened.text("#curves figcaption")
    assert not opened("document.getElementById('trial').hidden")
    unnamed = (
        "[...document.querySelectorAll('button, input, select')].filter(c => "
        "!(c.innerText || c.ariaLabel || c.closest('label'))).length"
    )
    assert opened(unnamed) == 0
    assert opened.complaints() == []


@browser_there
def test_points_are_chosen_by_dragging_over_them(page: Path, browser: Any) -> None:
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.by import By

    opened = Page(browser, page, 1280)
    plot = browser.find_element(By.CSS_SELECTOR, "#landscape svg.plot")
    width, height = plot.size["width"], plot.size["height"]
    drag = ActionChains(browser).move_to_element_with_offset(
        plot, 60 - width // 2, 15 - height // 2
    )
    drag.click_and_hold().move_by_offset(width // 2, height // 2)
    drag.move_by_offset(width // 2 - 75, height // 2 - 60).release().perform()
    assert "trials chosen" in opened("document.getElementById('said').textContent")
    assert "chosen" in opened.text("#curves figcaption")
    assert opened.complaints() == []
